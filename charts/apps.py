"""Wires the faces of the app to Django once all models are there."""

from django.apps import AppConfig, apps


class ChartsConfig(AppConfig):
    """The app `charts`; a project that has one of this label subclasses this with another `label`."""

    name = "charts"
    verbose_name = "Charts"
    default = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from charts import batches, checks, watches

        checks.connect()
        watches.connect()
        if apps.is_installed("django.contrib.admin"):
            from charts.admin.history import log_batch

            batches.when_marked(log_batch)
