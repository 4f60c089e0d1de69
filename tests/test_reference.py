"""The page of every name is whole: whatever is public in the code stands on it, in the section it belongs to."""

import inspect
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand
from django.dispatch import Signal

from charts import exceptions, images, mail, models, signals, watches
from charts.drawing import look
from charts.fields import ChartImageFieldFile, Variant
from charts.markup import previews, tags
from charts.pipeline import RenderResult
from charts.templatetags.charts import register

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "reference.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^#{2,3} (.+)\n", re.MULTILINE)
COMMANDS = ("render_charts", "prune_charts", "chart_status")
# What a tag is given by the template, or by its own place in it.
GIVEN = {"obj", "attrs", "request", "said"}


def sections() -> dict[str, str]:
    """Return the page's text by heading, the smallest ones."""
    _, *parts = HEADING.split(PAGE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def words(section: str) -> set[str]:
    """Return every name that a section has as code."""
    code = re.findall(r"`([^`\n]+)`", sections()[section])
    return {word for part in code for word in re.findall(r"--[a-z-]+|\w+", part)}


def members(owner: type) -> set[str]:
    """Return the public names that a class itself defines, fields of a chart's row among them."""
    fields = [field.name for field in owner._meta.get_fields()] if hasattr(owner, "_meta") else []
    own = {*vars(owner), *inspect.get_annotations(owner), *fields} - {"Meta", "field", "objects", "check"}
    return {name for name in own if not name.startswith("_")}


def functions(module: ModuleType) -> set[str]:
    """Return the public functions that a module itself defines, and their arguments."""
    found = {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, FunctionType) and each.__module__ == module.__name__ and not name.startswith("_")
    }
    return {*found, *(name for each in found.values() for name in inspect.signature(each).parameters)}


def of_a_kind(module: ModuleType, kind: type) -> set[str]:
    """Return the names of a module's values that are of a kind, or below a class."""
    return {
        name
        for name, each in vars(module).items()
        if each is not kind and (isinstance(each, kind) or (isinstance(each, type) and issubclass(each, kind)))
    }


def arguments(tag: str) -> set[str]:
    """Return the arguments that have a name of their own."""
    write = previews.meta if tag == "chart_meta" else getattr(tags, tag)
    return {*inspect.signature(write).parameters} - GIVEN - {"chart"}


PUBLIC = {
    "A chart": members(models.ChartModel),
    "`RenderResult`": members(RenderResult),
    "Many charts": {*members(models.ChartQuerySet), "ChartManager", "ChartQuerySet"},
    "The picture": members(ChartImageFieldFile) | members(Variant),
    "`charts.watches`": {*watches.__all__} - {"connect"},  # which the app's config calls
    "Tags": {*register.tags, *(name for tag in register.tags for name in arguments(tag)), mail.attach_chart.__name__},
    "`charts.images`": functions(images),
    "`charts.signals`": of_a_kind(signals, Signal),
    "`charts.exceptions`": of_a_kind(exceptions, Exception),
    "`charts.drawing.look`": functions(look),
}


@pytest.mark.parametrize("section", PUBLIC)
def test_every_public_name_is_on_the_page(section: str) -> None:
    assert len(PUBLIC[section]) > 1
    assert PUBLIC[section] - words(section) == set()


def flags(command: BaseCommand) -> Iterator[str]:
    """Yield the flags that a command has and others have not."""

    class Bare(BaseCommand):
        def add_arguments(self, parser: ArgumentParser) -> None:
            pass

    def known(each: BaseCommand) -> list[Any]:
        return [flag for action in each.create_parser("manage.py", "")._actions for flag in action.option_strings]

    yield from (flag for flag in known(command) if flag not in known(Bare()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_is_on_the_page_and_no_other(name: str) -> None:
    rows = re.findall(r"^\| `(--[a-z-]+)", sections()[f"`{name}`"], re.MULTILINE)
    assert set(rows) == {*flags(load_command_class("charts", name))}
    assert len(rows) == len(set(rows))


def test_no_command_is_left_out() -> None:
    folder = Path(inspect.getfile(load_command_class("charts", COMMANDS[0]).__class__)).parent
    assert {path.stem for path in folder.glob("[!_]*.py")} == {*COMMANDS}
