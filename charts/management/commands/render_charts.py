"""`manage.py render_charts`: bring charts up to date, with a progress bar."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from tqdm import tqdm

from charts import dispatch, pipeline, sweeping
from charts.exceptions import RenderError
from charts.freshness import jobs
from charts.ledger import ChartKey, pk_text
from charts.models import ChartModel


class Command(BaseCommand):
    """Render what is stale; exit with 1 if a chart failed."""

    help = "Render stale charts, with a progress bar. The exit code is 1 if any of them failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("charts", nargs="*", metavar="app.Model[:pk]", help="Only these charts; default: all.")
        parser.add_argument("--force", action="store_true", help="Draw also what is unchanged.")
        parser.add_argument("--failed", action="store_true", help="Only charts whose last render failed.")
        parser.add_argument("--dry-run", action="store_true", help="Only list what would be rendered.")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Alias of the charts' database.")

    def handle(self, *labels: str, **options: Any) -> None:
        using = options["database"]
        chosen = self.chosen(options["charts"], using)
        models = list(dict.fromkeys(model for model, _ in chosen)) or sweeping.chart_models()
        keys = self.keys(chosen, models, using, options)
        if options["dry_run"]:
            for key in keys:
                self.stdout.write(str(key))
            self.stdout.write(f"{len(keys)} charts would be rendered.")
            return
        self.render(keys, force=options["force"] or options["failed"], quiet=options["verbosity"] == 0)

    def chosen(self, labels: list[str], using: str) -> list[tuple[type[ChartModel], ChartKey | None]]:
        """Return (model, key or None for all of it) for each argument."""
        return [_parse(label, using) for label in labels]

    def keys(self, chosen: Any, models: Any, using: str, options: dict[str, Any]) -> list[ChartKey]:
        if not options["dry_run"]:
            sweeping.mark_changed_recipes(using, models)
            sweeping.sweep(using, models)
        found = []
        for model, key in chosen or [(model, None) for model in models]:
            charts = model._base_manager.using(using)
            if key:
                charts = charts.filter(pk=key.pk_value)
            if options["failed"]:
                charts = charts.filter(pk__in=model.objects.using(using).failed().values("pk"))
            elif not options["force"]:
                charts = charts.filter(pk__in=model.objects.using(using).stale().values("pk"))
            found += [ChartKey.of(chart, using) for chart in charts.only("pk").order_by("pk")]
        return list(dict.fromkeys(found))

    def render(self, keys: list[ChartKey], *, force: bool, quiet: bool) -> None:
        counts = {"rendered": 0, "unchanged": 0, "superseded": 0, "skipped": 0}
        failures: list[str] = []
        for key in tqdm(keys, unit="chart", disable=quiet or None, file=self.stderr._out):
            try:
                counts[_render(key, force=force)] += 1
            except RenderError as error:
                failures.append(str(error))
        said = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "Nothing to render"
        self.stdout.write(f"{said}, {len(failures)} failed." if failures else f"{said}.")
        if failures:
            raise CommandError("\n".join(failures), returncode=1)


def _render(key: ChartKey, *, force: bool) -> str:
    """Render one chart, and say what became of it; one that a worker has is left to it."""
    if force:
        return pipeline.render(key, force=True)[0].status
    jobs.hurry(key)
    token = jobs.claim(key)
    if not token:
        return "skipped"
    result = pipeline.work(key, token)
    if result.stale:
        dispatch.dispatch(key.using, [key])
    return result.status


def _parse(label: str, using: str) -> tuple[type[ChartModel], ChartKey | None]:
    name, _, pk = label.partition(":")
    try:
        model = apps.get_model(name)
    except (LookupError, ValueError) as error:
        raise CommandError(f"{name!r} names no installed model: {error}") from error
    if not issubclass(model, ChartModel):
        choices = ", ".join(model._meta.label for model in sweeping.chart_models())
        raise CommandError(f"{name} is no chart. Choices are: {choices}.")
    return model, ChartKey(model._meta.label_lower, pk_text(model, pk, using), using) if pk else None
