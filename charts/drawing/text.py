"""Words from strangers: drawn as they are written, or refused before they take a minute under the lock."""

import re
from collections.abc import Sequence

from charts.exceptions import DrawError

MAX_LENGTH = 2_000
_NAMED = 3
# What XML 1.0 cannot carry, except tab and line breaks: they are laid out.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What matplotlib's own formatters put around a number on a log axis.
_DEFAULT_FONT = re.compile(r"\$\\mathdefault\{(.*)\}\$", re.DOTALL)
# As matplotlib counts them: whatever stands before the backslash.
_DOLLAR = re.compile(r"(?<!\\)\$")
_WORD = re.compile(r"[^\W\d_]{2}")
_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def plain(value: object) -> str:
    r"""Return text that is drawn literally, whatever is in it.

    `$` is escaped, so that "from 5$ to 10$" is no formula; control characters are removed. A text without
    `$` stays as it is: matplotlib reads backslashes in formulas only. Do not pass a text through twice.

    Args:
        value: anything with a `str()`, such as a name that somebody typed into a form.
    """
    return clean(str(value)).replace("$", r"\$")


def without_prices(line: str) -> str:
    r"""Return a line of text in which every `$` that is of no formula is escaped: "from $5 to $10".

    matplotlib takes each two `$` for a formula. Here it is one by Pandoc's rule (its tex_math_dollars): a character
    other than a space comes right after the first `$` and right before the second, and no digit after that. Formulas
    that break it are left as they are if they cannot be anything else: `$ \beta $`, or `$n = $5`, as
    `f"$n = ${n}"` has it.

    Args:
        line: as matplotlib splits a text, at each line break; of several formulas, or none.
    """
    dollars = [match.start() for match in _DOLLAR.finditer(line)]
    if not dollars or len(dollars) % 2:  # matplotlib draws an odd number of them as they are
        return line
    escaped: list[int] = []
    at = 0
    while at < len(dollars):
        first, *second = dollars[at : at + 2]
        if second == [first + 1]:  # the "$$" of a price range, or of TeX's displayed formulas, which matplotlib refuses
            escaped += [first, *second]
            at += 2
        elif second and _is_formula(line, first, second[0], is_own_pair=at % 2 == 0):
            at += 2
        else:  # the second may begin a formula: "$5 for $x$, or $6"
            escaped.append(first)
            at += 1
    pieces = [line[start:end] for start, end in zip([0, *escaped], [*escaped, len(line)], strict=True)]
    return "\\".join(pieces)


def _is_formula(line: str, first: int, second: int, *, is_own_pair: bool) -> bool:
    """Return whether two `$` hold a formula; `is_own_pair` says that matplotlib takes these two for one."""
    before, content, after = line[:first], line[first + 1 : second], line[second + 1 :]
    if not (content[0].isspace() or content[-1].isspace() or after[:1].isdigit()):
        return True
    is_whole = not (before + after).strip()
    return is_own_pair and (is_whole or _is_only_math(content) or _cannot_be_a_price(before, content))


def _is_only_math(content: str) -> bool:
    return any(sign in content.replace(r"\$", "") for sign in "\\^_{")


def _cannot_be_a_price(before: str, content: str) -> bool:
    """Return whether this is a formula's left side, or its letters with room around: `$n = $5`, `$ x + y $`."""
    words = content.strip()
    if not words[:1].isalpha() or before.rstrip()[-1:].isdigit():  # "from 5 $ a 10 $"
        return False
    return words[-1] in "=<>≈≤≥~" or not _WORD.search(words)


def clean(value: str) -> str:
    """Return the text without control characters and with U+FFFD for halves of surrogate pairs."""
    if not _DIRTY.search(value):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", lines))


def drawable(value: str) -> str:
    """Return the text cleaned, if it is not so long that it takes seconds to lay out.

    Raises:
        DrawError: it is longer than `MAX_LENGTH` characters.
    """
    if len(value) > MAX_LENGTH:
        raise DrawError(
            f"The text {quoted(value)} has {len(value):,} characters, over the {MAX_LENGTH:,} that are drawn:"
            " shorten it in draw()."
        )
    return clean(value)


def quoted(value: str, length: int = 40) -> str:
    """Return the beginning of a text between quotation marks, on one line."""
    line = " ".join(clean(_DEFAULT_FONT.sub(r"\1", value)).split())
    return f'"{line}"' if len(line) <= length else f'"{line[: length - 1]}…"'


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
