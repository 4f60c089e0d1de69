"""Give the digest of a value, or say where in it there is something that has none."""

from hashlib import sha256
from typing import Any

from charts.exceptions import DigestError
from charts.fingerprints import libraries, rows  # they register their types
from charts.fingerprints.values import Encoder, TooDeepError, UndigestableError

del libraries, rows


def digest(value: Any, *, name: str = "data") -> str:
    """Give the SHA-256 of a value as 64 hexadecimal characters.

    Takes builtins and the standard library's values, enums, dataclasses, named tuples, attrs classes, rows of
    models as far as they are loaded, querysets (which are read), files by name, lazy texts in the active
    language, and the arrays, frames, series and images of numpy, pandas, polars and Pillow. The order of a
    dictionary counts, for it is the order of drawing; a set has none. Iterators are refused, for reading would
    use them up: ``settle`` the data first.

    Args:
        value: what a picture depends on.
        name: what to call it in errors.

    Raises:
        DigestError: something in it has no digest; says where.
    """
    hashed = sha256()
    try:
        Encoder(hashed.update).value(value)
    except UndigestableError as error:
        problem = f"{error.path(name)} {error.problem}"
    except TooDeepError as error:
        problem = f"{name} {error}"
    else:
        return hashed.hexdigest()
    raise DigestError(
        f"{problem}: return plain values from get_data(), or define get_fingerprint() to return what the "
        "picture depends on."
    )
