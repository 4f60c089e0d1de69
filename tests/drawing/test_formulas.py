"""What stands between two `$`: formulas are drawn as formulas, prices as they were written, wherever they are."""

import threading
from collections.abc import Callable

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from charts.drawing import encoding, figures, text
from charts.drawing.describing import describe

PRICES = "from $5 to $10"
PRINTERS: dict[str, Callable[[Axes, str], object]] = {
    "title": lambda ax, words: ax.set_title(words),
    "label": lambda ax, words: ax.set_xlabel(words),
    "legend": lambda ax, words: ax.plot([3, 4], label=words) and ax.legend(),
    "category": lambda ax, words: ax.bar([words, "b"], [1, 2]),
    "fixed label": lambda ax, words: ax.set_xticks([0, 1], labels=[words, "b"]),
    "formatter": lambda ax, words: ax.yaxis.set_major_formatter(lambda value, at: words),
    "annotation": lambda ax, words: ax.annotate(words, (0.2, 0.2)),
    "table": lambda ax, words: ax.table([[words]]),
    "wrapped": lambda ax, words: ax.text(0.1, 0.1, " ".join([words] * 4), wrap=True, fontsize=18),
}


def drawn(place: str, words: str, layout: str | None, format_: str = "png") -> bytes:
    def hook(figure: Figure) -> None:
        PRINTERS[place](figure.subplots(), words)

    with figures.drawn(hook, size=(400, 300), layout=layout) as drawing:
        return encoding.encode(drawing, format_)


@pytest.mark.parametrize(
    "words",
    [
        r"$x$",
        r"$\alpha$ and $\Omega$",
        r"$ \beta $",
        r"$ x $",
        r"at $ x + y $ m",
        r"$10^3$",
        r"$10^3$5",
        r"CO$_2$ or m$^2$",
        r"$\mathdefault{10^{3}}$",
        r"$n = $5",
        r"$RMSE=$0.25",
        r"$x$$y$",
        r"\$5 and $x$",
        "one $ only",
        "5$, $x$",
        "",
    ],
)
def test_a_formula_is_matplotlib_s_own(words: str) -> None:
    assert text.without_prices(words) == words


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("from $100k to $250k", r"from \$100k to \$250k"),
        ("from 5$ to 10$", r"from 5\$ to 10\$"),
        ("$0-$10", r"\$0-\$10"),
        ("Cost $/kg and price $/t", r"Cost \$/kg and price \$/t"),
        ("de 5 $ a 10 $", r"de 5 \$ a 10 \$"),
        ("R$ 5 a R$ 10", r"R\$ 5 a R\$ 10"),
        ("$$", r"\$\$"),
        ("$$x$$", r"\$\$x\$\$"),
        (r"\$5 and $6 to $7", r"\$5 and \$6 to \$7"),
        (r"$5 for $\mu$ and $6", r"\$5 for $\mu$ and \$6"),
        ("$5 to $10 for a_b: $ and $", r"\$5 to \$10 for a_b: \$ and \$"),
    ],
)
def test_a_price_is_escaped(words: str, escaped: str) -> None:
    assert text.without_prices(words) == escaped
    assert text.without_prices(escaped) == escaped


@pytest.mark.parametrize("layout", ["constrained", "tight", None])
@pytest.mark.parametrize("place", PRINTERS)
def test_prices_are_drawn_as_they_are_written(place: str, layout: str | None) -> None:
    assert drawn(place, PRICES, layout) == drawn(place, text.plain(PRICES), layout)


@pytest.mark.parametrize("place", ["title", "formatter"])
def test_prices_are_drawn_as_they_are_written_in_vectors_too(place: str) -> None:
    assert drawn(place, PRICES, "constrained", "svg") == drawn(place, text.plain(PRICES), "constrained", "svg")


def test_a_formula_beside_prices_is_drawn_as_one() -> None:
    assert drawn("title", "$5 for $x^2$ to $6", None) == drawn("title", r"\$5 for $x^2$ to \$6", None)


def test_a_text_that_is_not_to_be_parsed_is_left_alone() -> None:
    def literally(figure: Figure) -> None:
        figure.text(0.1, 0.5, r"$\alpha$ \$5", parse_math=False)

    def escaped(figure: Figure) -> None:
        figure.text(0.1, 0.5, r"\$\alpha\$ \\$5")

    with figures.drawn(literally, size=(300, 200)) as one, figures.drawn(escaped, size=(300, 200)) as other:
        assert one.pixels(1).tobytes() == other.pixels(1).tobytes()


def test_a_text_that_a_hook_measures_is_as_wide_as_it_is_drawn() -> None:
    widths = []

    def hook(figure: Figure) -> None:
        texts = [figure.text(0.5, 0.5, words) for words in (PRICES, text.plain(PRICES))]
        widths.extend(artist.get_window_extent().width for artist in texts)

    with figures.drawn(hook):
        assert widths[0] == widths[1]


def test_matplotlib_is_itself_again_after_a_draw_and_in_other_threads() -> None:
    before = vars(Text)["_preprocess_math"], vars(Text)["_get_rendered_text_width"]
    elsewhere = []

    def hook(figure: Figure) -> None:
        thread = threading.Thread(target=lambda: elsewhere.append(Text(text=PRICES)._preprocess_math(PRICES)))  # type: ignore[attr-defined]
        thread.start()
        thread.join()
        raise LookupError

    with pytest.raises(LookupError), figures.drawn(hook):
        pass
    assert elsewhere == [(PRICES, True)]
    assert (vars(Text)["_preprocess_math"], vars(Text)["_get_rendered_text_width"]) == before


@pytest.mark.parametrize(
    ("title", "heard"),
    [
        ("Revenue from $100k to $250k", "Revenue from $100k to $250k."),
        ("$0-$10 in $x^2$", "$0-$10 in x²."),
        ("5$ or 10$\nin $x = 5$", "5$ or 10$ in x = 5."),
    ],
)
def test_an_alt_text_says_what_is_drawn(title: str, heard: str) -> None:
    figure = Figure()
    figure.subplots().set_title(title)
    assert describe(figure).startswith(heard)
