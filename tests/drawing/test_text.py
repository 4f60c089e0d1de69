"""Words of strangers: drawn literally by `plain`, cleaned before they reach a font, refused when endless."""

import time

import pytest

from charts.drawing import encoding, figures, text
from charts.exceptions import DrawError

DEEP = "$" + "{" * 50 + "x" + "}" * 50 + "$"


def titled(words):
    def hook(figure):
        figure.subplots().set_title(words)

    return hook


def title_of(hook):
    with figures.drawn(hook, size=(300, 200)) as drawing:
        encoding.encode(drawing)
        return drawing.figure.axes[0].get_title("left")


def pixels_of(hook, **options):
    with figures.drawn(hook, size=(300, 200), **options) as drawing:
        return drawing.pixels(1).tobytes()


@pytest.mark.parametrize(
    "words",
    [
        r"$\foo$",
        "from 5$ to 10$",
        DEEP,
        r"C:\temp\new",
        r"\$5",
        r"\\$5 and 6$",
        "$",
        "$$",
        r"a\$b$c\$",
        "\\",
        "x$\n$y",
    ],
)
def test_plain_text_is_drawn_literally(words):
    """As with a font size and place of its own, but through no formula: the same glyphs come out."""
    from matplotlib.text import Text

    class Literal(Text):
        def _preprocess_math(self, line):
            return line, False

    def literally(figure):
        figure.add_artist(Literal(10, 100, words, transform=None))

    def escaped(figure):
        figure.add_artist(Text(10, 100, text.plain(words), transform=None))

    assert pixels_of(escaped) == pixels_of(literally)


def test_plain_takes_anything():
    assert text.plain(None) == "None"
    assert text.plain(12) == "12"


def test_plain_removes_control_characters():
    assert text.plain("a\x00b\x1b[31m\x7f\x85c\td\ne") == "ab[31mc\td\ne"


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("half \ud83d pair", "half \ufffd pair"),
        ("bell\x07", "bell"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("not\ufffea\uffffcharacter", "notacharacter"),
    ],
)
def test_texts_are_cleaned_before_they_are_drawn(dirty, clean):
    assert title_of(titled(dirty)) == clean


@pytest.mark.parametrize("dirty", ["half \ud83d", "bell\x07"])
def test_categories_and_fixed_labels_are_cleaned(dirty):
    def hook(figure):
        above, below = figure.subplots(2)
        above.bar([dirty, "b"], [1, 2])
        below.set_xticks([0, 1], labels=[dirty, "b"])

    def cleanly(figure):
        above, below = figure.subplots(2)
        above.bar([text.clean(dirty), "b"], [1, 2])
        below.set_xticks([0, 1], labels=[text.clean(dirty), "b"])

    assert pixels_of(hook) == pixels_of(cleanly)


def test_a_clean_text_is_the_same_object():
    words = "Umsatz, Straße 1 – 38 % ²"
    assert text.clean(words) is words


@pytest.mark.parametrize("words", [r"$\foo$", DEEP, "$x_$", r"a $\frac{1}$ b"])
def test_a_formula_that_does_not_parse_is_quoted_with_the_way_out(words):
    with pytest.raises(DrawError, match=r"is no formula.*escape") as caught:
        title_of(titled(words))
    assert text.quoted(words, 80) in str(caught.value)


@pytest.mark.parametrize("layout", ["constrained", "tight", None])
def test_a_formula_in_a_tick_label_is_found_too(layout):
    def hook(figure):
        figure.subplots().bar([r"$\foo$", "b"], [1, 2])

    with pytest.raises(DrawError, match=r"foo"), figures.drawn(hook, layout=layout) as drawing:
        encoding.encode(drawing)


@pytest.mark.parametrize("format_", ["svg", "pdf"])
def test_a_formula_is_found_when_only_vectors_are_drawn(format_):
    with (
        pytest.raises(DrawError, match=r"foo"),
        figures.drawn(titled(r"$\foo$"), layout=None) as drawing,
    ):
        encoding.encode(drawing, format_)


def test_other_errors_while_drawing_pass_through_unchanged():
    def hook(figure):
        ax = figure.subplots()
        ax.draw = lambda renderer: int("x")

    with pytest.raises(ValueError, match="invalid literal"), figures.drawn(hook, layout=None) as drawing:
        encoding.encode(drawing)


@pytest.mark.parametrize("place", ["title", "label", "legend", "category", "annotation", "table"])
def test_an_endless_text_is_refused_at_once_wherever_it_is(place):
    words = "z" * 100_000

    def hook(figure):
        ax = figure.subplots()
        ax.plot([1, 2], label="a")
        if place == "title":
            ax.set_title(words)
        elif place == "label":
            ax.set_xlabel(words)
        elif place == "legend":
            ax.plot([1, 2], label=words)
            ax.legend()
        elif place == "category":
            figure.clear()
            figure.subplots().bar([words, "b"], [1, 2])
        elif place == "annotation":
            ax.annotate(words, (0, 0))
        else:
            ax.table([[words]])

    began = time.perf_counter()
    with pytest.raises(DrawError, match="100,000 characters, over the 2,000"), figures.drawn(hook):
        pass
    assert time.perf_counter() - began < 4


def test_a_text_of_two_thousand_characters_is_drawn():
    with figures.drawn(titled("\n".join(["word " * 20] * 19)), layout=None) as drawing:
        assert encoding.encode(drawing).startswith(b"\x89PNG")
