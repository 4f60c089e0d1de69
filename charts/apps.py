"""Wires the faces of the app to Django once all models are there."""

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """The app `charts`; a project that has one of this label subclasses this with another `label`."""

    name = "charts"
    verbose_name = "Charts"
    default = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from charts import checks, watches

        checks.connect()
        watches.connect()
