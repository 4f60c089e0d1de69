"""pyplot in a hook: a registry of its own, for its thread alone."""

import threading

import matplotlib.pyplot as plt  # noqa: TID251  (pyplot in hooks is what is tested)
import pytest
from matplotlib._pylab_helpers import Gcf

from charts.drawing import encoding, figures
from tests.drawing import gallery


@pytest.fixture(autouse=True)
def no_figures_left():
    plt.close("all")
    yield
    plt.close("all")


def with_pyplot(figure):
    plt.plot([1, 2, 3])
    plt.title("Mine")
    return plt.gcf()


def draw(hook):
    with figures.drawn(hook, size=(300, 200)) as drawing:
        encoding.encode(drawing)
        return drawing.figure


def test_pyplot_code_works_as_it_is():
    assert draw(with_pyplot).axes[0].get_title("left") == "Mine"


def test_the_current_figure_is_never_somebody_elses():
    somebodys = plt.figure()
    found = []

    def hook(figure):
        found.append(plt.get_fignums())
        return with_pyplot(figure)

    assert draw(hook) is not somebodys
    assert found == [[]]


def test_figures_of_a_draw_are_closed():
    draw(with_pyplot)
    assert plt.get_fignums() == []


def test_managers_of_a_draw_are_destroyed():
    """As it takes for a window, of a hook that has switched to a backend with windows."""
    destroyed = []

    def hook(figure):
        for number in (1, 2):
            plt.figure(number)
            plt.get_current_fig_manager().destroy = lambda number=number: destroyed.append(number)
        return with_pyplot(figure)

    draw(hook)
    assert destroyed == [1, 2]


def test_figures_of_a_draw_that_failed_are_closed():
    def hook(figure):
        plt.figure()
        raise KeyError

    figs = Gcf.figs
    with pytest.raises(KeyError):
        draw(hook)
    assert Gcf.figs is figs
    assert plt.get_fignums() == []


def test_others_figures_stay_open_in_their_order():
    for number in (3, 1, 2):
        plt.figure(number)
    plt.figure(1)

    def hook(figure):
        plt.close("all")
        return with_pyplot(figure)

    draw(hook)
    assert list(Gcf.figs) == [3, 2, 1]
    assert plt.gcf().number == 1


def test_another_thread_keeps_its_own_pyplot_meanwhile():
    """It sees the process's figures, not the hook's, and what it opens is still open afterwards."""
    plt.figure(7)
    inside, done = threading.Event(), threading.Event()
    seen = {}

    def other():
        inside.wait(20)
        seen["numbers"] = plt.get_fignums()
        seen["current"] = plt.gcf().number
        seen["new"] = plt.figure(9).number
        plt.figure(7)
        done.set()

    def hook(figure):
        with_pyplot(figure)
        inside.set()
        assert done.wait(20)
        assert plt.get_fignums() == [1]
        return plt.gcf()

    thread = threading.Thread(target=other)
    thread.start()
    draw(hook)
    thread.join()
    assert seen == {"numbers": [7], "current": 7, "new": 9}
    assert list(Gcf.figs) == [9, 7]


def test_show_is_only_a_warning(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")  # without one, matplotlib says nothing at all

    def hook(figure):
        plt.plot([1, 2])
        plt.show()
        return plt.gcf()

    with figures.drawn(hook) as drawing:
        assert any("non-interactive" in warning for warning in drawing.warnings)


def test_a_pyplot_figure_has_the_variants_size_without_asking():
    sizes = []

    def hook(figure):
        with_pyplot(figure)
        sizes.append(tuple(plt.gcf().get_size_inches()))
        return plt.gcf()

    draw(hook)
    assert sizes[0] == pytest.approx((3, 2), abs=0.001)


def test_a_pyplot_figure_of_a_size_of_its_own_fills_the_field():
    def hook(figure):
        plt.figure(figsize=(6.4, 4.8), dpi=150)
        gallery.line(plt.gcf())
        return plt.gcf()

    with figures.drawn(hook, size=(800, 450), densities=(2,)) as drawing:
        assert drawing.pixels(2).shape == (900, 1600, 4)
        assert drawing.warnings == []
