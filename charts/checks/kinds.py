"""What kind of values a column has: what databases compare with each other, and what they refuse to."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

WHOLE, NUMBER, TEXT = "whole number", "number", "text"
DATE, UUID = "date", "UUID"
# By what Django calls a field's column: projects' own fields have those of the fields that they inherit from.
KINDS = {
    "AutoField": WHOLE,
    "BigAutoField": WHOLE,
    "SmallAutoField": WHOLE,
    "IntegerField": WHOLE,
    "BigIntegerField": WHOLE,
    "SmallIntegerField": WHOLE,
    "PositiveIntegerField": WHOLE,
    "PositiveBigIntegerField": WHOLE,
    "PositiveSmallIntegerField": WHOLE,
    "FloatField": NUMBER,
    "DecimalField": NUMBER,
    "CharField": TEXT,
    "TextField": TEXT,
    "SlugField": TEXT,
    "FileField": TEXT,
    "FilePathField": TEXT,
    "DateField": DATE,
    "DateTimeField": "moment",
    "TimeField": "time",
    "DurationField": "duration",
    "UUIDField": UUID,
    "BooleanField": "truth",
    "BinaryField": "bytes",
    "GenericIPAddressField": "IP address",
    "JSONField": "JSON",
}
OF_POSTGRESQL = "django.contrib.postgres."


def target(field: Any) -> Any:
    """Return the column that a foreign key holds the values of, however far; any other field itself."""
    while isinstance(field, models.ForeignKey):
        try:
            field = field.target_field
        except (ValueError, FieldDoesNotExist):  # it leads nowhere, of which Django's own checks tell
            break
    return field


def stored(field: Any) -> Any:
    """Return the field that says how values are stored: a foreign key's target, what a generated field generates."""
    field = target(field)
    return field.output_field if isinstance(field, models.GeneratedField) else field


def kind(field: Any) -> str | None:
    """Return the kind of a stored field's values; None where it is not known, as with a type of a project's own."""
    classes = type(field).__mro__
    says_its_type = next(each for each in classes if "db_type" in vars(each))
    if not says_its_type.__module__.startswith("django."):
        return None
    of_postgresql = (each.__name__ for each in classes if each.__module__.startswith(OF_POSTGRESQL))
    return KINDS.get(field.get_internal_type()) or next(of_postgresql, None)


def are_comparable(here: Any, there: Any) -> bool:
    """Say whether every database compares two stored fields' values; what is not known is taken to be so."""
    kinds = {kind(here), kind(there)}
    return None in kinds or len(kinds) == 1 or kinds == {WHOLE, NUMBER}
