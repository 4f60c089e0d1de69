"""Text from figures made speakable: cleaned, bounded, mathtext spelled out, labels split into name and unit."""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from charts.drawing.text import without_prices

LABEL_LENGTH = 60
TITLE_LENGTH = 200

# What nobody can hear or what turns text around: controls, surrogates, bidirectional overrides, invisible signs.
_UNSPEAKABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# Not those that keep a number and its unit together.
_SPACES = re.compile("[^\\S\u00a0\u202f]+")
_MATH = re.compile(r"(?<!\\)\$")
_GROUP = r"\{([^{}]*)\}"
_FONTS = re.compile(r"\\(?:math\w+|text\w*|operatorname|bf|it|rm|sf|tt|cal|boldsymbol)\s*" + _GROUP)
_FRACTION = re.compile(r"\\[dt]?frac\s*" + _GROUP + r"\s*" + _GROUP)
_ROOT = re.compile(r"\\sqrt\s*" + _GROUP)
_COMMAND = re.compile(r"\\([A-Za-z]+) ?")
_RAISED = re.compile(r"\^(?:\{([^{}]*)\}|(\S))")
_GREEK = re.compile("[\u0370-\u03ff]")
_LOWERED = re.compile(r"_(?:\{([^{}]*)\}|(\S))")
_RAISED_SIGNS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_HAS_RAISED_SIGNS = re.compile(r"[\d+\-−=()n]*[\dn][\d+\-−=()n]*")
# How a power is left that has no raised signs, for a voice to say.
POWER = re.compile(r" ?\^\(([^()^]+)\)")
_SIGNS = {
    "circ": "°", "degree": "°", "times": "×", "cdot": "·", "pm": "±", "approx": "≈", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "neq": "≠", "infty": "∞", "sum": "∑", "int": "∫", "partial": "∂", "rightarrow": "→",
    "to": "→", "leftarrow": "←", "ell": "ℓ", "sqrt": "√", "prime": "′", "ldots": "…", "quad": " ", "qquad": " ",
    "sigma": "σ", "lambda": "λ", "Lambda": "Λ",
}  # fmt: skip


def shorten(text: str, most: int) -> str:
    """Return the text in at most `most` characters, cut at a word with an ellipsis."""
    if len(text) <= most:
        return text
    cut = text[: max(most - 1, 0)]
    word, space, _ = cut.rpartition(" ")
    return (word if space and len(word) > most // 2 else cut).rstrip(" ,;:") + "…"


def clean(text: object, most: int = LABEL_LENGTH) -> str:
    """Return the text as one bounded line without control characters."""
    raw = str(text)[: 4 * most + 64]  # a million characters are not worth reading for sixty
    return shorten(_SPACES.sub(" ", _UNSPEAKABLE.sub("", raw)).strip(), most)


def plain(text: object, most: int = LABEL_LENGTH) -> str:
    r"""Return a matplotlib text as it is read aloud: `CO$_2$` is CO2, `m$^2$` is m², `\$` is $."""
    raw = str(text)[: 4 * most + 64]
    spoken = "\n".join(map(_spoken_line, raw.split("\n")))
    return clean(_MIDNIGHT.sub(r"\1", spoken.replace(r"\$", "$")), most)


def _spoken_line(line: str) -> str:
    """Return a line, its formulas read aloud; they are those that are drawn as formulas."""
    parts = _MATH.split(without_prices(line))
    if len(parts) % 2 == 0:  # an odd number of dollars is drawn as it is
        return line
    return "".join(_spoken_math(part) if at % 2 else part for at, part in enumerate(parts))


def _spoken_math(tex: str) -> str:
    tex = _FONTS.sub(r"\1", _FONTS.sub(r"\1", tex))
    tex = _ROOT.sub(r"√\1", _FRACTION.sub(r"\1/\2", tex))
    tex = _COMMAND.sub(lambda match: _sign(match[1]), tex)
    tex = re.sub(r"\\([%&#_{}])", r"\1", re.sub(r"\\[,;:! ]|~", " ", tex))
    tex = _RAISED.sub(_raised, tex)
    tex = _LOWERED.sub(lambda match: match[1] or match[2] or "", tex)
    return tex.replace("{", "").replace("}", "").replace("\\", "")


def _sign(name: str) -> str:
    if name in _SIGNS:
        return _SIGNS[name]
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    except KeyError:  # \left, \displaystyle…: layout, which has no sound
        return ""


def _raised(match: re.Match[str]) -> str:
    """Return what stands raised: x², xⁿ⁺¹, s⁻¹; the power in x^(−3/2); the mere words and signs in 5th and V*."""
    content = _RAISED.sub(_raised, match[1] or match[2] or "")
    if _HAS_RAISED_SIGNS.fullmatch(content) and (match.start() or not content.isalpha()):
        return content.translate(_RAISED_SIGNS)
    is_power = match.start() and any(map(str.isalnum, content)) and not _is_mere_label(content)
    return f"^({content.replace('-', '−')})" if is_power else content


def _is_mere_label(content: str) -> bool:
    """Return whether what stands raised is a word, or a capital, as of a transposed matrix."""
    is_word = content.isupper() if len(content) == 1 else not _GREEK.search(content)
    return content.isalpha() and is_word


class Label(NamedTuple):
    """What an axis measures and in which unit; either may be empty."""

    name: str
    unit: str


ATTACHED_UNITS = frozenset({"%", "‰", "°", "°C", "°F", "ºC", "$", "€", "£", "¥", "₹", "US$"})
CURRENCIES = frozenset({"$", "€", "£", "¥", "₹", "US$"})
_UNITS = ATTACHED_UNITS | {
    "mm", "cm", "m", "km", "m²", "km²", "m³", "mi", "ft", "in", "kg", "g", "mg", "µg", "t", "s", "ms", "min", "h",
    "W", "kW", "MW", "GW", "Wh", "kWh", "MWh", "GWh", "TWh", "J", "kJ", "MJ", "V", "A", "K", "Pa", "hPa", "kPa",
    "bar", "Hz", "kHz", "MHz", "GHz", "m/s", "km/h", "mph", "ppm", "ppb", "dB", "B", "kB", "MB", "GB", "TB",
    "USD", "EUR", "GBP", "CHF", "JPY", "l", "ml", "mol",
}  # fmt: skip
# A label that is one of these and nothing else may as well be a name: a column "A", a variable "t".
_BARE_UNITS = {unit for unit in _UNITS if len(unit) > 1 and unit not in {"in", "min", "bar", "mi", "ft"}} | {"%", "°"}
_BRACKETED = re.compile(r"(.*?)\s*[(\[]\s*(?:in )?([^()\[\]]{1,24})\s*[)\]]")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00(:00)?(\.0+)?(?!\d)")
_TRAILING = re.compile(r"(.+?)(?:,| in| /) (\S{1,8})")
_YEARS = re.compile(r"[\d\s–−-]+")


def split_label(text: str) -> Label:
    """Return an axis label's name and unit: "Temperature (°C)", "Speed [m/s]", "Share in %", "mm"."""
    if text in _BARE_UNITS:
        return Label("", text)
    match = _BRACKETED.fullmatch(text)
    if match and not _YEARS.fullmatch(match[2]):  # "Passengers (2015)" has no unit
        return Label(match[1], match[2].strip())
    match = _TRAILING.fullmatch(text)
    if match and match[2] in _UNITS:
        return Label(match[1], match[2])
    return Label(text, "")


def inside_sentence(text: str, *, keep: Collection[str] = ()) -> str:
    """Return a label as it is written inside a sentence: "Temperature" in lower case, "CO2" and "GDP" as they are.

    `keep` are words known to be names (months, words the title writes with a capital).
    """
    first = text.split(" ", 1)[0]
    if first in keep or not first.istitle() or len(first) < 2:
        return text
    return text[0].lower() + text[1:]


def sentence(text: str, *, as_written: bool = False) -> str:
    """Return the text with a full stop at its end, and a capital at its start unless somebody wrote it so."""
    text = text.strip()
    if not text:
        return ""
    named = text[1:2].isupper()  # pH, iPhone
    first = text[0] if as_written or named else text[0].upper()
    ending = "" if text.rstrip("\"'”’»)").endswith((".", "!", "?", "…", "。", "！", "？")) else "."
    return first + text[1:] + ending
