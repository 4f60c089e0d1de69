"""What users write: a source, and how its rows find their charts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import models

ChartsOf = Callable[[Any], "models.QuerySet[Any]"]


class Watch:
    """Say that changed rows of a source make charts stale.

    Args:
        source: the source's model, or its label `app.Model`. Its subclasses and proxies count too; of an abstract
            model, every concrete one.
        match: chart field (or path) → lookup path on the source: the charts whose values equal the row's. The models
            that the paths pass through are watched too. NULL matches no chart.
        charts: instead of `match`, a callable that returns the charts of a source row. It gets the new row, and the
            old one when it changed; always one of the source, also if what is saved is its parent's, or no proxy.
        fields: only changes of these fields of the source count; new and deleted rows always do.

    With neither `match` nor `charts`, every change of the source makes every chart of the model stale.

    Raises:
        TypeError: both `match` and `charts` are given.
    """

    def __init__(
        self,
        source: str | type[models.Model],
        *,
        match: Mapping[str, str] | None = None,
        charts: ChartsOf | None = None,
        fields: Iterable[str] | None = None,
    ) -> None:
        if match and charts:
            raise TypeError(f"Watch({source!r}) has both match= and charts=; use one of them.")
        self.source = source
        self.match = dict(match or {})
        self.charts = charts
        self.fields = frozenset(fields) if fields is not None else None

    @property
    def source_model(self) -> type[models.Model]:
        """The source's class.

        Raises:
            LookupError: there is no such model.
            ValueError: the label is none.
        """
        return apps.get_model(self.source) if isinstance(self.source, str) else self.source

    def __repr__(self) -> str:
        return f"Watch({self.source!r})"
