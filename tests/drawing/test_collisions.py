"""Texts over each other and texts cut off are told, and ordinary charts are left in peace."""

import datetime as dt

import numpy as np
import pytest
from matplotlib.figure import Figure

from charts.drawing import encoding, figures, look, themes
from tests.drawing import gallery


def warnings_of(hook, **options):
    with figures.drawn(hook, **options) as drawing:
        encoding.encode(drawing, density=options.get("densities", (1,))[0])
        return drawing.warnings


def texts(*places, **options):
    def hook(figure):
        for words, x, y in places:
            figure.text(x, y, words, **options)

    return hook


def test_two_texts_at_one_place_are_named():
    assert warnings_of(texts(("Berlin", 0.5, 0.5), ("Hamburg", 0.52, 0.51))) == [
        'Texts are printed over each other: "Berlin" and "Hamburg"; give the chart more room or shorter texts.'
    ]


def test_pairs_are_counted_not_listed_without_end():
    places = [(f"word {number}", 0.4 + number / 1000, 0.5) for number in range(6)]
    assert "and 12 more" in warnings_of(texts(*places))[0]


def test_neighbours_that_do_not_touch_are_no_warning():
    assert warnings_of(texts(("Berlin", 0.4, 0.5), ("Hamburg", 0.5, 0.5), ("below", 0.4, 0.46))) == []


def test_turned_texts_are_compared_as_they_are_turned():
    """Their upright boxes overlap; they do not."""
    places = [("a long label", 0.3 + step * 0.04, 0.3) for step in range(8)]
    assert warnings_of(texts(*places, rotation=45)) == []
    assert warnings_of(texts(*places, rotation=0)) != []


def test_turned_texts_that_do_meet_are_told():
    assert warnings_of(texts(("crossing", 0.5, 0.5), ("crossed", 0.5, 0.5), rotation=30)) != []


@pytest.mark.parametrize("place", [(-0.02, 0.5), (0.98, 0.5), (0.5, -0.02), (0.5, 0.99)])
def test_a_text_cut_off_at_an_edge_is_named(place):
    assert warnings_of(texts(("Umsatz", *place))) == [
        '"Umsatz" is cut off at the picture\'s edge; give the chart more room or shorter texts.'
    ]


def test_a_squeezed_figure_is_told_of_size_none():
    def hook(figure):
        large = Figure(figsize=(12, 6), layout="constrained")
        large.subplots().bar([f"category {number}" for number in range(12)], range(12))
        return large

    assert warnings_of(hook, size=None) == []
    found = warnings_of(hook, size=(500, 250))
    assert "printed over each other" in found[0]
    assert "size=None keeps the figure's own size" in found[0]


@pytest.mark.parametrize("size", [(800, 450), (480, 300)])
@pytest.mark.parametrize("density", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", gallery.HOOKS)
def test_ordinary_charts_are_left_in_peace(name, density, size):
    if name in {"contour", "grid", "three_d", "dates"} and size[0] < 500:
        pytest.skip("there is no room for them")
    assert warnings_of(gallery.HOOKS[name], size=size, densities=(density,)) == []


def test_ticks_out_of_view_are_not_drawn_and_do_not_count():
    def hook(figure):
        ax = figure.subplots()
        ax.plot(range(100))
        ax.set_xticks(range(0, 1000, 10))
        ax.set_xlim(0, 99)

    assert warnings_of(hook) == []


def test_labels_of_an_axes_that_is_zoomed_in_do_not_count():
    def hook(figure):
        ax = figure.subplots()
        for number in range(50):
            ax.text(4 + number / 50, 1, f"point {number}", clip_on=True)
        ax.set(xlim=(0, 3), ylim=(0, 3))

    assert warnings_of(hook) == []


def test_the_same_word_twice_at_one_place_is_read_as_one():
    assert warnings_of(texts(("100", 0.5, 0.5), ("100", 0.5, 0.5))) == []


def test_invisible_texts_do_not_count():
    assert warnings_of(texts(("a", 0.5, 0.5), ("bc", 0.5, 0.5), alpha=0)) == []


def test_empty_texts_do_not_count():
    assert warnings_of(texts((" ", 0.5, 0.5), ("", 0.5, 0.5), ("a", 0.5, 0.5))) == []


def test_the_lines_of_one_text_do_not_collide():
    assert warnings_of(texts(("Äpfel\nÄpfel\ngjpq\nÄpfel", 0.5, 0.5))) == []


def test_formulas_are_measured_too():
    assert warnings_of(texts((r"$\frac{1}{2}$", 0.5, 0.5), ("half", 0.5, 0.5))) != []


def test_a_figure_with_hundreds_of_texts_is_not_searched():
    places = [(str(number), 0.5, 0.5) for number in range(1_000)]
    assert warnings_of(texts(*places)) == []


def test_crowded_date_labels_are_told():
    def hook(figure):
        ax = figure.subplots()
        days = [dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in range(1, 29)]
        ax.plot(days, np.arange(28))
        ax.set_xticks(days, labels=[f"{day:%d %B}" for day in days])

    assert any("printed over each other" in warning for warning in warnings_of(hook))


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
@pytest.mark.parametrize("size", [(800, 450), (480, 300), (320, 240)])
def test_the_looks_own_words_fit(size, theme):
    def hook(figure):
        ax = figure.subplots()
        for place, name in enumerate(("Berlin", "München", "Hamburg")):
            ax.plot(gallery.DAYS, 1_000 * (gallery.A + 3 * place), label=name)
        look.fewer_ticks(ax)
        look.baseline_labels(ax)
        look.people_numbers(ax.yaxis, "€")
        look.legend_above(ax)
        look.title(ax, "Revenue grows everywhere but at night", "Euro a day, without returns", "Source: tills")

    assert warnings_of(hook, size=size, theme=theme) == []


def bar_and_legend(ax, **options):
    ax.bar_label(ax.bar(["a"], [5], label="Orders of the year"))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.02), **options)


def title_and_legend(ax, **options):
    ax.plot([1, 2], label="Rain")
    ax.set_title("Weather")
    ax.figure.legend(loc="upper left", **options)


@pytest.mark.parametrize(("hook", "hidden"), [(bar_and_legend, "5"), (title_and_legend, "Weather")])
def test_a_text_under_a_legend_is_named_once(hook, hidden):
    (warning,) = warnings_of(lambda figure: hook(figure.subplots()))
    assert warning.startswith(f'A legend hides "{hidden}": give it another loc=')


@pytest.mark.parametrize("options", [{"framealpha": 0.2, "handlelength": 0}, {"frameon": False, "handlelength": 0}])
def test_a_legend_hides_nothing_that_is_seen_through_it(options):
    assert not [
        note for note in warnings_of(lambda figure: bar_and_legend(figure.subplots(), **options)) if "hides" in note
    ]


def test_a_text_over_a_legend_or_clipped_away_under_it_is_not_hidden():
    def hook(figure):
        ax = figure.subplots()
        ax.plot([0, 1], label="a quite long name")
        ax.legend(loc="upper left", borderpad=2)
        ax.text(0.01, 0.99, "over", transform=ax.transAxes, va="top", zorder=9)
        ax.text(0.01, 1.04, "clipped", clip_on=True)
        ax.set_ylim(0, 0.9)

    assert warnings_of(hook) == []
