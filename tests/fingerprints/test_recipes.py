"""A recipe changes with what a class draws by, and with nothing else."""

import importlib
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from charts.exceptions import DigestError
from charts.fingerprints import recipe_digest
from charts.fingerprints.recipes import recipe_of

LONG_AGO = 1_000_000_000
Write = Callable[[str], type]

SOURCE = '''
    """Charts."""
    from somewhere_else import palette

    WIDTH = 3
    SCALE: float = 2.0
    try:
        import numpy
    except ImportError:
        FAST = False
    else:
        FAST = True

    def halve(value):
        return value / 2

    def shorten(value):
        """Make it short."""
        return halve(value)[:WIDTH]

    def unrelated():
        return 1

    class Mixin:
        def title(self):
            return "Title"

    class Chart(Mixin):
        """A chart."""

        colour = "red"

        def draw(self, figure, data):
            # the first comment
            axes = figure.subplots()
            axes.plot(shorten(data), color=self.colour, fast=FAST)

        @property
        def size(self):
            return 1
    '''


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a module, import it as a new one, and give its class `Chart`."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "somewhere_else.py").write_text("palette = 1\n")
    modules: list[str] = ["somewhere_else"]

    def write_module(source: str, name: str = "") -> type:
        module = name or f"charts_of_test_{len(modules)}"
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        os.utime(tmp_path / f"{module}.py", (LONG_AGO, LONG_AGO))
        importlib.invalidate_caches()
        sys.modules.pop(module, None)
        made: type = importlib.import_module(module).Chart
        return made

    yield write_module
    for module in modules:
        sys.modules.pop(module, None)


def _changed(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# the first comment", "# another one, that is longer"),
        ('"""A chart."""', '"""The chart of charts."""'),
        ('"""Make it short."""', '"""Make it no longer than that."""'),
        ('colour = "red"', "\n\n        colour = 'red'"),
        ("shorten(data), color", "shorten(\n                data\n            ), color"),
        ("return value / 2", "return (value / 2)"),
        ("return 1\n\n    class Mixin", "return 100\n\n    class Mixin"),
        ("    def unrelated", "    OTHER = 1\n\n    def unrelated"),
        ("from somewhere_else import palette", "import somewhere_else"),
    ],
)
def test_what_is_not_drawn_by_does_not_count(write: Write, old: str, new: str) -> None:
    assert recipe_digest(write(_changed(old, new))) == recipe_digest(write(SOURCE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("figure.subplots()", "figure.add_subplot()"),
        ('colour = "red"', 'colour = "blue"'),
        ('return "Title"', 'return "Heading"'),
        ("return value / 2", "return value / 3"),
        ("[:WIDTH]", "[:-WIDTH]"),
        ("WIDTH = 3", "WIDTH = 4"),
        ("        FAST = True", "        FAST = 1"),
        ("@property", "@staticmethod"),
        ("class Chart(Mixin)", "class Chart"),
        ("def draw(self, figure, data)", "def draw(self, figure, data, more=1)"),
    ],
)
def test_what_is_drawn_by_counts(write: Write, old: str, new: str) -> None:
    assert recipe_digest(write(_changed(old, new))) != recipe_digest(write(SOURCE))


def test_a_docstring_counts_where_somebody_reads_docstrings(write: Write) -> None:
    reading = _changed('return "Title"', "return self.__doc__")
    assert recipe_digest(write(reading)) != recipe_digest(write(reading.replace('"""A chart."""', '"""No chart."""')))


def test_a_base_in_another_module_counts(write: Write) -> None:
    base = "class Chart:\n    def draw(self):\n        return {}\n"
    child = "from {} import Chart as Base\n\nclass Chart(Base):\n    pass\n"
    one, same, other = (write(base.format(number)) for number in (1, 1, 2))
    digests = [recipe_digest(write(child.format(made.__module__))) for made in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_model_that_is_named_is_data_and_does_not_count(write: Write) -> None:
    source = """
    from django.db import models

    class Sale(models.Model):
        total = models.IntegerField()

        class Meta:
            app_label = "{}"

    class Chart:
        def get_data(self):
            return Sale.objects.all()
    """
    one = write(source.format("recipes_one"))
    assert recipe_digest(one) == recipe_digest(write(source.format("recipes_two").replace("Integer", "Float")))


def test_a_version_stands_for_the_code(write: Write) -> None:
    one, other = write(SOURCE), write(_changed("WIDTH = 3", "WIDTH = 4"))
    assert recipe_digest(one, version="1") == recipe_digest(other, version="1")
    assert len({recipe_digest(one, version=version) for version in ("1", "2", "", None)}) == 4


def test_what_the_caller_adds_counts(write: Write) -> None:
    chart = write(SOURCE)
    assert len({recipe_digest(chart, extra=extra) for extra in (None, {"size": (1, 2)}, {"size": (1, 3)})}) == 3


def test_an_addition_without_a_digest_is_named(write: Write) -> None:
    with pytest.raises(DigestError, match=r"^recipe\[1\]\['theme'\] is a builtins.object"):
        recipe_digest(write(SOURCE), extra={"theme": object()})


def test_a_class_is_read_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = write(SOURCE)
    before = recipe_digest(chart)
    monkeypatch.setattr("inspect.getsource", lambda module: pytest.fail("read again"))
    assert recipe_digest(chart) == before


def test_bases_of_django_and_of_this_app_do_not_count() -> None:
    from charts.models import ChartModel
    from tests.shop.models import MonthlyRevenue

    assert recipe_of(ChartModel) == []
    assert len(recipe_of(MonthlyRevenue)) == 1


def test_charts_written_by_users_are_read_from_their_source() -> None:
    from tests.shop.models import MonthlyRevenue

    said = str(recipe_of(MonthlyRevenue))
    assert "ClassDef" in said
    assert "Revenue, " in said


# Where the source does not say what runs.


@pytest.mark.parametrize(
    ("old", "new", "time"),
    [
        ("[:WIDTH]", "[1:WIDTH]", LONG_AGO + 1),  # some ways to copy a release keep old times
        ("subplots()", "subplot_mosaic('a')", LONG_AGO + 1),
        ("WIDTH = 3", "WIDTH = 4", 4_000_000_000),  # no code remembers a constant
    ],
)
def test_a_file_changed_after_its_import_does_not_count_as_what_runs(
    write: Write, tmp_path: Path, old: str, new: str, time: int
) -> None:
    new = textwrap.dedent(_changed(old, new))
    running = write(SOURCE, name="charts_of_a_worker")
    (tmp_path / "charts_of_a_worker.py").write_text(new)
    os.utime(tmp_path / "charts_of_a_worker.py", (time, time))
    of_the_old_release = recipe_digest(running)
    assert of_the_old_release != recipe_digest(write(new, name="charts_of_a_worker"))


def test_a_module_imported_again_does_not_count_for_its_old_classes(write: Write) -> None:
    running = write(SOURCE, name="charts_of_a_server")
    new = write(_changed("[:WIDTH]", "[1:WIDTH]"), name="charts_of_a_server")
    assert recipe_digest(running) != recipe_digest(new)


def test_the_code_counts_where_there_is_no_source() -> None:
    source = "class Chart:\n    size = {}\n    def draw(self):\n        return {}\n"

    def made(size: int, value: int) -> type:
        names: dict[str, Any] = {"__name__": "nowhere"}
        exec(source.format(size, value), names)  # noqa: S102  that is the point
        chart: type = names["Chart"]
        return chart

    assert recipe_digest(made(1, 2)) == recipe_digest(made(1, 2))
    assert len({recipe_digest(made(*pair)) for pair in [(1, 2), (1, 3), (2, 2)]}) == 3


def _made(colour: str, shade: Callable[[], object], default: int = 0) -> type:
    class Chart:
        def draw(self, more: int = default) -> object:
            return colour, shade(), [part for part in (..., more)]  # noqa: C416  a function within

    return Chart


def test_a_class_made_in_a_function_counts_with_the_values_of_that_call() -> None:
    def dark() -> int:
        return 1

    def light() -> int:
        return 2

    assert recipe_digest(_made("red", dark)) == recipe_digest(_made("red", dark))
    others = [_made("red", dark), _made("blue", dark), _made("red", light), _made("red", dark, default=1)]
    assert len(set(map(recipe_digest, others))) == 4


FACTOR = 2


def _scaled(value: int) -> int:
    return value * FACTOR


def test_compiled_code_counts_with_the_values_of_the_names_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> type:
        class Chart:
            @classmethod
            def draw(cls) -> int:
                return _scaled(1)

            @property
            def width(self) -> int:
                return 1

        return Chart

    before = recipe_digest(made())
    assert before == recipe_digest(made())
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3)
    assert recipe_digest(made()) != before
