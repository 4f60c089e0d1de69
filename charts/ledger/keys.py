"""The address of a chart: its class, its primary key as text, its database."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models


@dataclass(frozen=True, slots=True, order=True)
class ChartKey:
    """The address of one chart: enough to find it from another process.

    Attributes:
        model: lower-case label of its class, `shop.monthlyrevenue`.
        pk: its primary key as the database casts it to text.
        using: alias of the database it lives in.
    """

    model: str
    pk: str
    using: str

    @classmethod
    def of(cls, chart: models.Model, using: str | None = None) -> "ChartKey":
        """Return the key of a saved chart, in `using` or in the database it came from."""
        alias = using or chart._state.db or "default"
        return cls(model_label(type(chart)), pk_text(type(chart), chart.pk, alias), alias)

    @property
    def model_class(self) -> Any:
        """The chart's class; LookupError if this process has none of that label."""
        return apps.get_model(self.model)

    @property
    def is_known(self) -> bool:
        """Whether this process has such a chart."""
        return is_chart(self.model)

    @property
    def pk_value(self) -> Any:
        """The primary key as Python has it."""
        return self.model_class._meta.pk.to_python(self.pk)

    def __str__(self) -> str:
        try:
            label = self.model_class._meta.label
        except LookupError:
            label = self.model
        return f"{label} {self.pk}"


def is_chart(label: str) -> bool:
    """Say whether this process has a chart of that label: the app may be gone, or another release's."""
    try:
        return hasattr(apps.get_model(label), "data_version")
    except LookupError:
        return False


def known_labels() -> list[str]:
    """Return the labels of all charts that this process has."""
    return [model_label(model) for model in apps.get_models() if is_chart(model._meta.label)]


def model_label(model: type[models.Model]) -> str:
    """Return the label that a chart's marks and jobs go by; a proxy's is its concrete model's."""
    concrete = model._meta.concrete_model or model
    return concrete._meta.label_lower


def pk_text(model: type[models.Model], pk: Any, using: str) -> str:
    """Return a primary key as `CAST(pk AS text)` gives it in that database (UUIDs differ between them)."""
    field = model._meta.pk
    return str(field.get_db_prep_value(field.to_python(pk), connections[using]))
