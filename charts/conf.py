"""The one settings dict, `CHARTS`: its keys, their defaults and what makes a value wrong."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from math import isfinite
from numbers import Real
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

from charts.choices import choices

DISPATCHERS = ("inline", "tasks", "celery", "manual")
PNG_ENCODERS = ("fast", "small")
THEME_MODES = ("system", "page")
# Those that can put off a task or not, as they are set up.
ENGINES = {"tasks": "charts.tasks.Tasks", "celery": "charts.contrib.celery.Celery"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """What `CHARTS` says, with a default for every key it leaves out.

    Attributes:
        dispatcher: who renders stale charts; one of `DISPATCHERS` or a dotted path.
        watch: whether changed sources mark charts at all.
        debounce: seconds between a change and its render; None: 0 for `inline`, 2 elsewhere.
        inline_limit: charts that one commit renders under `inline`.
        timeout: seconds a worker gives one render.
        lease: seconds after which a claimed chart counts as abandoned.
        max_attempts: renders of the same data that may fail before a chart is left alone.
        isolate: whether workers of `tasks` and `celery` render in a child process that can be stopped.
        max_memory: MiB that a child process may use to render (on Linux), or None.
        max_pixels: largest area of one raster file, in device pixels.
        keep_old_files: seconds a replaced file stays readable.
        can_view: dotted path of `callable(request, chart) -> bool`, or None.
        sendfile: `X-Sendfile`, or the path of nginx's internal location, that serves files for the view; or None.
        signed_for: seconds for which the signed address of a restricted picture holds; None: for ever.
        theme: whether pictures follow the reader's `system`, or also a switch on the `page`.
        themes: rcParams by theme name, beside the built-in `light` and `dark`.
        png: `fast` or `small`.
    """

    dispatcher: str = "inline"
    watch: bool = True
    debounce: float | None = None
    inline_limit: int = 20
    timeout: float = 30
    lease: float = 60
    max_attempts: int = 3
    isolate: bool = False
    max_memory: int | None = 1024
    max_pixels: int = 40_000_000
    keep_old_files: float = 3600
    can_view: str | None = None
    sendfile: str | None = None
    signed_for: float | None = 86_400
    theme: str = "system"
    themes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    png: str = "fast"

    @property
    def delay(self) -> float:
        """Seconds from a change to its render; 0 with an engine that cannot put off a task."""
        chosen = self.debounce
        if chosen is None:
            chosen = 0.0 if self.dispatcher == "inline" else 2.0
        engine = ENGINES.get(self.dispatcher)
        if chosen and engine and not import_string(engine)().can_wait:
            return 0.0
        return chosen


KEYS = {option.name.upper(): option.name for option in fields(Config)}


@cache
def config() -> Config:
    """Return what `CHARTS` says now; what is wrong with it is left to `problems()`."""
    chosen = getattr(settings, "CHARTS", {})
    if not isinstance(chosen, Mapping):
        return Config()
    return Config(**{KEYS[key]: value for key, value in chosen.items() if key in KEYS})


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "CHARTS":
        config.cache_clear()


def _is_span(value: object) -> bool:
    """Say whether a value is seconds that a clock can be moved by: 0 or more, and not for ever."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return isfinite(value) and float(value) >= 0


def _is_positive_span(value: object) -> bool:
    return _is_span(value) and value != 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_positive_count(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_dispatcher(value: object) -> bool:
    return isinstance(value, str) and (value in DISPATCHERS or "." in value)


def _is_path_or_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and "." in value)


def _is_sendfile(value: object) -> bool:
    if value is None or value == "X-Sendfile":
        return True
    return isinstance(value, str) and value.startswith("/") and value.endswith("/")


def _are_themes(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and name.isidentifier() and isinstance(theme, Mapping) for name, theme in value.items()
    )


# For each key: what a good value is, and how to tell.
RULES: dict[str, tuple[str, Callable[[object], bool]]] = {
    "DISPATCHER": (f"one of {', '.join(DISPATCHERS)} or a dotted path", _is_dispatcher),
    "WATCH": ("True or False", lambda value: isinstance(value, bool)),
    "DEBOUNCE": ("a number of seconds, or None", lambda value: value is None or _is_span(value)),
    "INLINE_LIMIT": ("a whole number, 0 or more", _is_count),
    "TIMEOUT": ("a number of seconds over 0", _is_positive_span),
    "LEASE": ("a number of seconds over 0", _is_positive_span),
    "MAX_ATTEMPTS": ("a whole number, 1 or more", _is_positive_count),
    "ISOLATE": ("True or False", lambda value: isinstance(value, bool)),
    "MAX_MEMORY": (
        "a whole number of MiB, 1 or more, or None",
        lambda value: value is None or _is_positive_count(value),
    ),
    "MAX_PIXELS": ("a whole number, 1 or more", _is_positive_count),
    "KEEP_OLD_FILES": ("a number of seconds, 0 or more", _is_span),
    "CAN_VIEW": ("a dotted path, or None", _is_path_or_none),
    "SENDFILE": ("'X-Sendfile', a path that begins and ends with '/', or None", _is_sendfile),
    "SIGNED_FOR": ("a number of seconds over 0, or None", lambda value: value is None or _is_positive_span(value)),
    "THEME": (f"one of {', '.join(THEME_MODES)}", lambda value: value in THEME_MODES),
    "THEMES": ("a dict of dicts of rcParams, by theme names that are identifiers", _are_themes),
    "PNG": (f"one of {', '.join(PNG_ENCODERS)}", lambda value: value in PNG_ENCODERS),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with `CHARTS`.

    Attributes:
        key: which key; "" for the dict as a whole.
        sentence: what is wrong with it.
        hint: the way out.
    """

    key: str
    sentence: str
    hint: str

    @property
    def is_unknown(self) -> bool:
        """Whether there is no such key."""
        return self.key not in RULES


def problems() -> Iterator[Problem]:
    """Yield what is wrong with each entry of `CHARTS` by itself."""
    chosen = getattr(settings, "CHARTS", {})
    if not isinstance(chosen, Mapping):
        yield Problem("", f"CHARTS is {chosen!r}, but must be a dict.", f"Its keys are: {', '.join(RULES)}.")
        return
    for key, value in chosen.items():
        if key not in RULES:
            yield Problem(str(key), f"CHARTS has no key {key!r}.", choices(key, RULES))
        elif not RULES[key][1](value):
            must = RULES[key][0]
            yield Problem(
                key, f"CHARTS[{key!r}] is {value!r}, but must be {must}.", f"Its default is {default(key)!r}."
            )


def default(key: str) -> Any:
    """Return what a key is when `CHARTS` leaves it out."""
    return getattr(Config(), KEYS[key])
