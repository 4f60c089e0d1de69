"""How the parts of a download tell their caller what is wrong, without knowing what it is called."""

CUT_OFF = "is cut off before its end: send or export it again"


class RefusalError(Exception):
    """Say why something is not taken, as the rest of a sentence: "is empty: give another file"."""


def printable(text: str, limit: int) -> str:
    """Return `text` for a message: without control characters and lone surrogates, at most `limit` long.

    Format characters (such as those that turn the direction of writing) are not printable either, so that a
    message in a log or a terminal looks like what it is.
    """
    kept = "".join(character for character in text[: 4 * limit] if character.isprintable())
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"
