"""Hooks of many kinds, with the same data every time, for tests that want all of matplotlib to pass through."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

X = np.arange(100)
A = 5 * np.sin(X / 9) + X / 20
B = 4 * np.cos(X / 7) - X / 30
DAYS = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=int(day)) for day in X]


def line(figure: Figure) -> None:
    ax = figure.subplots()
    ax.plot(X, A, label="a")
    ax.plot(X, B, label="$b_1$")
    ax.set(title="Title", xlabel="x", ylabel="y")
    ax.legend()


def bars(figure: Figure) -> None:
    ax = figure.subplots()
    ax.bar(["Jan", "Feb", "März", "Apr"], [1, 2, 3, 2])
    ax.tick_params(axis="x", rotation=45)


def log(figure: Figure) -> None:
    ax = figure.subplots()
    ax.loglog(X + 1, np.exp(X / 20))
    ax.set_title(r"$\alpha^2$ growth")


def dates(figure: Figure) -> None:
    ax = figure.subplots()
    ax.plot(DAYS, A)
    ax.twinx().plot(DAYS, B, "C1")


def heat(figure: Figure) -> None:
    ax = figure.subplots()
    image = ax.imshow(np.arange(72).reshape(8, 9))
    figure.colorbar(image, label="value")


def grid(figure: Figure) -> None:
    axes = figure.subplots(2, 3, sharex=True, sharey="row")
    figure.suptitle("All")
    figure.supxlabel("x")
    for place, ax in enumerate(axes.flat):
        ax.plot(X, A * place)
        ax.set_title(str(place))
    figure.align_labels()


def mosaic(figure: Figure) -> None:
    axes = figure.subplot_mosaic("AAB\nCCB")
    axes["A"].scatter(X, A)
    axes["B"].barh(["x", "yy"], [1, 2])
    axes["C"].hist(A, bins=12)


def polar(figure: Figure) -> None:
    figure.add_subplot(projection="polar").plot(X / 16, abs(A))


def three_d(figure: Figure) -> None:
    figure.add_subplot(projection="3d").plot(X, A, B)


def secondary(figure: Figure) -> None:
    ax = figure.subplots()
    ax.plot(X, A)
    ax.secondary_xaxis("top", functions=(lambda x: x * 2, lambda x: x / 2)).set_xlabel("double")
    ax.inset_axes((0.6, 0.1, 0.3, 0.3)).plot(B)


def pie(figure: Figure) -> None:
    figure.subplots().pie([3, 2, 1], labels=["a", "b", "c"], autopct="%.0f%%")


def table(figure: Figure) -> None:
    ax = figure.subplots()
    ax.axis("off")
    ax.table([["1", "2"], ["3", "4"]], colLabels=["a", "b"], loc="center")


def box(figure: Figure) -> None:
    ax = figure.subplots()
    ax.boxplot([A, B])
    ax.annotate("here", (1, 0), (1.5, 2), arrowprops={"arrowstyle": "->"})


def contour(figure: Figure) -> None:
    ax = figure.subplots()
    y, x = np.mgrid[0:1:40j, 0:1:40j]
    ax.clabel(ax.contour(x, y, np.sin(9 * x * y)))


def stacked(figure: Figure) -> None:
    ax = figure.subplots()
    ax.stackplot(X, abs(A), abs(B), labels=["one", "two"])
    ax.legend(loc="upper left")
    ax.margins(x=0)
    ax.text(50, 5, "a\nb\nmore", va="center")


def minor(figure: Figure) -> None:
    ax = figure.subplots()
    ax.plot(X, A)
    ax.minorticks_on()
    ax.set_xlim(3.3, 77)
    ax.grid(visible=True, which="both")
    ax.yaxis.tick_right()


def subfigures(figure: Figure) -> None:
    left, right = figure.subfigures(1, 2)
    left.subplots().plot(X, A)
    left.suptitle("Left")
    above, below = right.subplots(2)
    above.plot(X, B)
    below.fill_between(X, A, B)


def tight(figure: Figure) -> None:
    ax = figure.subplots()
    ax.plot(X, A)
    ax.set_ylabel(r"$\sum_i x_i$")
    figure.tight_layout()


HOOKS: dict[str, Callable[[Any], None]] = {
    hook.__name__: hook
    for hook in (
        *(line, bars, log, dates, heat, grid, mosaic, polar, three_d, secondary),
        *(pie, table, box, contour, stacked, minor, subfigures, tight),
    )
}
