"""Which charts a command is about: what its arguments name, and in which databases they are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, router
from django.db.models import Model

from charts import sweeping
from charts.choices import choices
from charts.ledger import ChartKey, LooseFile
from charts.models import ChartModel, ChartQuerySet

# How many primary keys an error lists.
FEW = 5


@dataclass(frozen=True)
class Choice:
    """Charts of one class in one database.

    Attributes:
        model: their class.
        using: alias of the database.
        key: the one chart that is meant; None: all of them.
    """

    model: type[ChartModel]
    using: str
    key: ChartKey | None = None

    @property
    def charts(self) -> ChartQuerySet:
        """The charts that are meant; not by the class's own manager, which may hide some."""
        rows = ChartQuerySet(model=self.model, using=self.using)
        return rows.filter(pk=self.key.pk_value) if self.key else rows


def chosen(labels: Iterable[str], database: str | None) -> list[Choice]:
    """Return what labels name: `app.Model:pk` a chart, `app.Model` a class, `app` all its classes; none: all there is.

    Args:
        labels: the arguments of a command.
        database: an alias; None: where the router has each class.

    Raises:
        CommandError: one of them names no chart; the message lists those there are.
    """
    named = [choice for label in labels for choice in _parsed(label, database)]
    return named or [_all_of(model, database) for model in sweeping.chart_models()]


@contextmanager
def migrated(database: str | None) -> Iterator[None]:
    """Say so if a query fails because `migrate` was not run.

    Args:
        database: the alias that is asked; None: where the router has each class.

    Raises:
        CommandError: the app's tables are not there.
    """
    try:
        yield
    except DatabaseError as error:
        for alias, models in homes(database).items():
            tables = set(connections[alias].introspection.table_names())
            for model in models:
                if model._meta.db_table not in tables:
                    where = "" if alias == DEFAULT_DB_ALIAS else f" --database {alias}"
                    raise CommandError(
                        f"There is no table of {model._meta.label}: run manage.py migrate{where}."
                    ) from error
        raise


def homes(database: str | None) -> dict[str, list[type[Model]]]:
    """Return where charts and loose files are: in the database that is named, or where the router has them."""
    models: list[type[Model]] = [LooseFile, *sweeping.chart_models()]
    found: dict[str, list[type[Model]]] = {}
    for model in models:
        found.setdefault(database or router.db_for_write(model), []).append(model)
    return found


def _all_of(model: type[ChartModel], database: str | None) -> Choice:
    return Choice(model, database or router.db_for_write(model))


def _parsed(label: str, database: str | None) -> list[Choice]:
    name, colon, pk = label.partition(":")
    models = sweeping.chart_models()
    of_app = [model for model in models if model._meta.app_label == name]
    if of_app and not colon:
        return [_all_of(model, database) for model in of_app]
    choice = _all_of(_class_of(name, models), database)
    return [_one(choice, pk)] if colon else [choice]


def _class_of(name: str, models: list[type[ChartModel]]) -> type[ChartModel]:
    try:
        found: Any = apps.get_model(name)._meta.concrete_model  # a proxy's charts are those of its class
    except (LookupError, ValueError):
        found = None
    if found not in models:
        raise CommandError(f"{name!r} is no chart. {choices(name, [model._meta.label for model in models])}")
    return models[models.index(found)]


def _one(choice: Choice, pk: str) -> Choice:
    label, field = choice.model._meta.label, choice.model._meta.pk
    try:
        chart = choice.charts.filter(pk=field.to_python(pk)).only("pk").first()
    except (ValidationError, ValueError, OverflowError) as error:
        why = error.messages[0] if isinstance(error, ValidationError) else str(error)
        raise CommandError(f"{label} has no chart {pk!r}: {why}") from error
    if chart is None:
        raise CommandError(f"{label} has no chart {pk!r} in the database {choice.using!r}. {_there_are(choice)}")
    return Choice(choice.model, choice.using, ChartKey.of(chart, choice.using))


def _there_are(choice: Choice) -> str:
    pks = [str(pk) for pk in choice.charts.order_by("pk").values_list("pk", flat=True)[: FEW + 1]]
    if not pks:
        return "There is none yet."
    return f"There is: {', '.join(pks[:FEW])}{', …' if len(pks) > FEW else ''}."
