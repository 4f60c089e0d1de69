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
_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def plain(value: object) -> str:
    r"""Return text that is drawn literally, whatever is in it.

    `$` is escaped, so that "from 5$ to 10$" is no formula; control characters are removed. A text without
    `$` stays as it is: matplotlib reads backslashes in formulas only. Do not pass a text through twice.

    Args:
        value: anything with a `str()`, such as a name that somebody typed into a form.
    """
    return clean(str(value)).replace("$", r"\$")


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
