"""The toolbox for `draw`: words in their places, whatever the size, and nothing over anything else."""

import datetime as dt

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from charts.drawing import colours, figures, look, measures, themes
from tests.drawing import gallery

SIZES = [(800, 450), (480, 300), (320, 240)]
LONG = "Revenue grows everywhere but in the places where it does not, by and large"


def lines(ax, count=3):
    for place in range(count):
        ax.plot(gallery.X, gallery.A + 2 * place, label=f"Series {place}")


class Page:
    """A picture that was drawn, with its boxes in CSS pixels from the bottom left."""

    def __init__(self, hook, size=(800, 450), theme=themes.LIGHT, **options):
        def draw(figure):
            self.axes = figure.subplots()
            hook(self.axes)

        with figures.drawn(draw, size=size, theme=theme, **options) as drawing:
            drawing.pixels(1)
            drawing.figure.set_dpi(100)
            self.warnings = drawing.warnings
            self.plot = self.axes.get_window_extent()
            self.title = self.box(self.axes._left_title)
            self.notes = {text.get_gid(): self.box(text) for text in self.axes.texts}
            self.legend = self.box(self.axes.get_legend())

    @staticmethod
    def box(artist):
        return artist.get_window_extent() if artist is not None else None


def test_the_title_stands_at_the_plots_left_edge_above_the_subtitle():
    page = Page(lambda ax: (lines(ax), look.title(ax, "Finding", "Measure, unit", "Source: us")))
    subtitle, source = page.notes["charts-subtitle"], page.notes["charts-source"]
    assert page.title.x0 == pytest.approx(page.plot.x0, abs=2)
    assert subtitle.x0 == pytest.approx(page.plot.x0, abs=2)
    assert source.x0 == pytest.approx(page.plot.x0, abs=2)
    assert page.plot.y1 < subtitle.y0 < subtitle.y1 < page.title.y1
    assert 0 < source.y0 < source.y1 < page.plot.y0


def test_the_title_is_the_axes_title_for_everybody_who_asks():
    page = Page(lambda ax: (lines(ax), look.title(ax, "Finding")))
    assert page.axes.get_title("left") == "Finding"


def test_the_source_stands_under_the_axis_label():
    def hook(ax):
        lines(ax)
        ax.set_xlabel("Years")
        look.title(ax, "Finding", source="Source: us")

    page = Page(hook)
    assert page.notes["charts-source"].y1 < page.axes.xaxis.label.get_window_extent().y0


@pytest.mark.parametrize("order", [1, -1])
def test_the_legend_stands_between_plot_and_title_whichever_was_called_first(order):
    calls = [look.legend_above, lambda ax: look.title(ax, "Finding", "Measure")]

    def hook(ax):
        lines(ax)
        for call in calls[::order]:
            call(ax)

    page = Page(hook)
    assert page.plot.y1 < page.legend.y0
    assert page.legend.y1 <= page.notes["charts-subtitle"].y0 + 1
    assert page.notes["charts-subtitle"].y1 <= page.title.y0 + 3
    assert page.legend.x0 == pytest.approx(page.plot.x0, abs=2)


def test_calling_title_again_replaces_it():
    def hook(ax):
        lines(ax)
        look.title(ax, "One", "First", "Source: a")
        look.title(ax, "Two", "Second", "Source: b")

    page = Page(hook)
    assert page.axes.get_title("left") == "Two"
    assert [text.get_text() for text in page.axes.texts] == ["Second", "Source: b"]


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
@pytest.mark.parametrize("size", SIZES)
def test_everything_fits_at_every_size(size, theme):
    def hook(ax):
        lines(ax, 5)
        look.legend_above(ax)
        look.baseline_labels(ax)
        look.people_numbers(ax.yaxis, "km")
        look.title(ax, LONG, "Millions of euro a week, by city and without returns", "Source: all of our tills")

    page = Page(hook, size, theme)
    assert page.warnings == []
    assert page.plot.height > size[1] / 8


def test_a_small_picture_leaves_out_a_subtitle_rather_than_cut_it_off():
    subtitle = "Millions of euro a week, by city and without returns"

    def hook(ax):
        lines(ax)
        look.title(ax, "Finding", subtitle)

    assert "charts-subtitle" not in Page(hook, (320, 240)).notes
    assert "charts-subtitle" in Page(hook, (800, 450)).notes


def test_a_legend_is_in_one_row_where_there_is_room_and_in_more_where_not():
    def hook(ax):
        lines(ax, 5)
        look.legend_above(ax)

    wide, narrow = Page(hook, (800, 450)), Page(hook, (320, 240))
    assert wide.legend.height < 25
    assert narrow.legend.height > 35
    assert narrow.legend.x1 <= 320


def test_one_series_needs_no_legend():
    page = Page(lambda ax: (lines(ax, 1), look.legend_above(ax)))
    assert page.legend is None


def test_a_legend_takes_marks_and_names_of_its_own():
    def hook(ax):
        bars = ax.bar([1, 2], [1, 2])
        look.legend_above(ax, list(bars), ["low", "high"])

    page = Page(hook)
    assert [text.get_text() for text in page.axes.get_legend().get_texts()] == ["low", "high"]


def test_names_at_the_ends_are_nudged_apart_and_keep_their_order():
    ends = [1.0, 1.01, 1.02, 5.0]

    def hook(ax):
        for place, end in enumerate(ends):
            ax.plot([0, 1], [place, end], label=f"Line {place}")
        look.label_ends(ax)

    page = Page(hook)
    notes = sorted(page.axes.texts, key=lambda note: note.get_window_extent().y0)
    assert [note.get_text() for note in notes] == ["Line 0", "Line 1", "Line 2", "Line 3"]
    assert page.warnings == []
    assert all(note.get_window_extent().x0 > page.plot.x1 - 20 for note in notes)


def test_names_at_the_ends_can_be_read_in_their_lines_colours():
    for theme in (themes.LIGHT, themes.DARK):
        page = Page(lambda ax: (lines(ax, 8), look.label_ends(ax)), theme=theme)
        for note in page.axes.texts:
            assert colours.contrast(to_hex(note.get_color()), theme.background) >= 4.5


def test_a_line_that_ends_early_or_in_nothing_is_named_where_it_ends():
    def hook(ax):
        ax.plot([0, 1, 2], [1, 2, np.nan], label="early")
        ax.plot([0, 1], [np.nan, np.nan], label="never")
        ax.plot([0, 3], [0, 3])
        look.label_ends(ax)

    page = Page(hook)
    assert [(note.get_text(), note.xy) for note in page.axes.texts] == [("early", (1, 2))]


def test_names_at_the_ends_take_dates():
    def hook(ax):
        ax.plot(gallery.DAYS, gallery.A, label="a")
        look.label_ends(ax, ["Temperature"])

    assert Page(hook).axes.texts[0].get_text() == "Temperature"


def test_labels_of_an_axis_stand_on_one_baseline():
    """Ascenders, accents and descenders included."""

    def hook(ax):
        ax.bar(["Jan", "Feb", "Àgj", "ace"], [1, 2, 3, 4])
        look.baseline_labels(ax)

    page = Page(hook)
    labels = page.axes.get_xticklabels()
    assert {label.get_verticalalignment() for label in labels} == {"baseline"}
    assert len({round(label.get_transform().transform(label.get_position())[1], 3) for label in labels}) == 1
    assert all(label.get_window_extent().y1 < page.plot.y0 for label in labels)


def over(days):
    start = dt.datetime(2000, 1, 3, tzinfo=dt.UTC)

    def hook(ax):
        ax.plot([start, start + dt.timedelta(days=days)], [1, 2])
        look.fewer_ticks(ax)

    return hook


def test_a_small_picture_gets_fewer_dates():
    def count(size):
        axes = Page(over(300), size).axes
        low, high = axes.get_xlim()
        return sum(low <= tick <= high for tick in axes.get_xticks())

    assert 2 <= count((320, 240)) <= 5 < count((800, 450))


@pytest.mark.parametrize("days", [1, 2, 5, 20, 50, 80, 200, 400, 700, 900, 2_000, 20_000])
def test_fewer_dates_are_found_for_every_range(days):
    assert Page(over(days), (320, 240)).warnings == []


def test_fewer_ticks_leave_a_locator_of_the_authors_alone():
    figure = Figure(figsize=(3.2, 2.4))
    ax = figure.subplots()
    ax.set_xticks([1, 2, 3])
    locator = ax.xaxis.get_major_locator()
    look.fewer_ticks(ax)
    assert ax.xaxis.get_major_locator() is locator


def test_the_toolbox_works_outside_of_charts_too():
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    lines(ax)
    look.legend_above(ax)
    look.label_ends(ax)
    look.title(ax, "Finding", "Measure", "Source")
    figure.draw_without_rendering()
    words = {text.get_text() for text in figure.findobj(Text)}
    assert {"Finding", "Measure", "Source"} <= words


def test_words_are_set_in_lines_about_equally_long():
    assert measures.wrapped(LONG, 300, 10) == [
        "Revenue grows everywhere but in the",
        "places where it does not, by and large",
    ]


@pytest.mark.parametrize("words", ["", "one", "two words", "Donaudampfschiff " * 3, "a\n\nb"])
def test_words_wider_than_the_room_keep_a_line_each(words):
    assert " ".join(" ".join(measures.wrapped(words, 1, 10)).split()) == " ".join(words.split())
