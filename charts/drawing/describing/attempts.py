"""One guard for everything that may be odd in somebody else's figure: what cannot be described is left out."""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
Default = TypeVar("Default")


def attempt(function: Callable[..., Result], *arguments: object, default: Default, **named: object) -> Result | Default:
    """Return the function's result, or the default if it raises.

    Formatters, converters and translations are other people's code and may raise anything; an alt text that
    says less is better than a chart that fails because of its alt text.
    """
    try:
        return function(*arguments, **named)
    except Exception:  # noqa: BLE001  (see above: the callee is anybody's code, and leaving out is the answer)
        return default
