"""What is said of a wrong name, the same everywhere: the closest right one, and all of them."""

from collections.abc import Iterable
from difflib import get_close_matches


def choices(wrong: object, right: Iterable[str]) -> str:
    """Return the sentences that lead from a wrong name to a right one.

    Args:
        wrong: what was written.
        right: what may be written; compared without case.
    """
    names = {name.lower(): name for name in right}
    if not names:
        return "There is none."
    close = get_close_matches(str(wrong).lower(), names, n=1)
    meant = f"Did you mean {names[close[0]]!r}? " if close else ""
    return f"{meant}Choices are: {', '.join(names.values())}."
