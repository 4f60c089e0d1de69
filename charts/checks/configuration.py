"""Checks of `CHARTS`: its keys, its values, and what its dotted paths lead to."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.utils.module_loading import import_string

from charts import conf, dispatch
from charts.checks.subjects import AppConfigs, said
from charts.exceptions import DrawError

# Dispatchers beside which something stops a chart that hangs: Celery its tasks, `render_charts --watch` its children.
STOPPING = frozenset({"celery", "manual"})


def check_settings(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check the keys and values of `CHARTS`, each by itself, and the lease against the timeout."""
    found: list[checks.CheckMessage] = [
        checks.Error(problem.sentence, hint=problem.hint, id="charts.E001" if problem.is_unknown else "charts.E002")
        for problem in conf.problems()
    ]
    return found or list(_check_lease())


def _check_lease() -> Iterator[checks.CheckMessage]:
    lease, timeout = conf.config().lease, conf.config().timeout
    if lease <= timeout:
        yield checks.Error(
            f"CHARTS['LEASE'] ({lease:g} s) is not over CHARTS['TIMEOUT'] ({timeout:g} s): "
            "a render that is still allowed to run would be taken for dead and started again.",
            hint=f"Set LEASE to {2 * timeout:g} or more, or TIMEOUT to less than {lease:g}.",
            id="charts.E003",
        )


def _is_sound(key: str) -> bool:
    """Say whether a key's value is of the right kind; else `check_settings` has said so already."""
    return all(problem.key not in {key, ""} for problem in conf.problems())


def check_dispatcher(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that the dispatcher can be imported, and is one."""
    return list(_check_dispatcher()) if _is_sound("DISPATCHER") else []


def _check_dispatcher() -> Iterator[checks.CheckMessage]:
    name = conf.config().dispatcher
    built_in = ", ".join(dispatch.BUILT_IN)
    try:
        chosen = dispatch.dispatcher()
    except Exception as error:  # noqa: BLE001  (importing and making somebody's class may raise anything)
        yield checks.Error(
            f"CHARTS['DISPATCHER'] is {name!r}, which cannot be made: {said(error)}.",
            hint=f"Name one of {built_in}, or the dotted path of a class with `capacity` and `send(due)`.",
            id="charts.E004",
        )
        return
    missing = [f"`{part}`" for part in ("capacity", "send") if not hasattr(chosen, part)]
    if missing:
        yield checks.Error(
            f"CHARTS['DISPATCHER'] is {name!r}, which is no dispatcher: it has no {' and no '.join(missing)}.",
            hint="charts.dispatch.Dispatcher says what one has.",
            id="charts.E004",
        )


def check_timeout(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Say where nothing stops a chart that runs longer than `TIMEOUT`."""
    config = conf.config()
    if not _is_sound("DISPATCHER") or (config.isolate and config.dispatcher != "inline"):
        return []
    if config.dispatcher == "inline":
        sentence = (
            "CHARTS['DISPATCHER'] is 'inline', under which TIMEOUT and MAX_MEMORY have no effect: "
            "a chart that hangs, hangs the request that has changed its data."
        )
        hint = "Use a dispatcher with a worker, such as 'manual' with `render_charts --watch`, if charts may hang."
        return [checks.Info(sentence, hint=hint, id="charts.I001")]
    if config.dispatcher in STOPPING:
        return []
    sentence = (
        f"CHARTS['DISPATCHER'] is {config.dispatcher!r}, whose workers nothing tells of TIMEOUT and MAX_MEMORY: "
        "a chart that hangs, hangs its worker for ever."
    )
    hint = "Set CHARTS['ISOLATE'] to True: then its workers render in child processes, which are stopped."
    return [checks.Warning(sentence, hint=hint, id="charts.W001")]


def check_can_view(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that `CAN_VIEW` leads to something that can be called."""
    path = conf.config().can_view
    if path is None or not _is_sound("CAN_VIEW"):
        return []
    try:
        fault = "" if callable(import_string(path)) else "is not callable"
    except Exception as error:  # noqa: BLE001  (importing somebody's module may raise anything)
        fault = f"cannot be imported: {said(error)}"
    if not fault:
        return []
    hint = "Name a callable(request, chart) that returns whether the request may see the chart, or leave it out."
    return [checks.Error(f"CHARTS['CAN_VIEW'] is {path!r}, which {fault}.", hint=hint, id="charts.E005")]


def check_themes(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check what the project's themes extend, and their rcParams; where there are any, this imports matplotlib."""
    return list(_check_themes())


def _check_themes() -> Iterator[checks.CheckMessage]:
    from charts.drawing import themes

    own = conf.config().themes if _is_sound("THEMES") else {}
    for name in own:
        try:
            themes.resolve(name, own).rcparams()
        except DrawError as error:
            hint = "A theme is a dict of rcParams, with 'extends' for the theme it builds on."
            yield checks.Error(f"CHARTS['THEMES'][{name!r}] is wrong: {error}", hint=hint, id="charts.E006")
