"""SVG and PDF: the same bytes every time, of the right size, and with nothing in them that runs."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from charts.drawing import encoding, figures, links
from tests.drawing import gallery

XLINK = "{http://www.w3.org/1999/xlink}href"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314  (our own file)


def svg_of(hook, **options):
    with figures.drawn(hook, **options) as drawing:
        return encoding.encode(drawing, "svg"), drawing.warnings


def links_of(svg):
    return [anchor.get(XLINK) for anchor in parsed(svg).iter(f"{SVG}a")]


def test_the_root_has_the_size_in_css_pixels():
    root = parsed(svg_of(gallery.line, size=(801, 451))[0])
    assert (root.get("width"), root.get("height")) == ("801", "451")
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top, width / 72, height / 72) == (0, 0, pytest.approx(8.01), pytest.approx(4.51))


def test_the_density_does_not_apply_to_svg():
    with figures.drawn(gallery.line) as drawing:
        assert encoding.encode(drawing, "svg", 1) == encoding.encode(drawing, "svg", 2)


def test_letters_are_drawn_as_paths_so_that_no_font_is_missing():
    root = parsed(svg_of(gallery.line)[0])
    assert not list(root.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", ["svg", "pdf"])
def test_files_carry_no_date_and_no_program(name):
    with figures.drawn(gallery.line) as drawing:
        written = encoding.encode(drawing, name)
    assert b"Date" not in written.replace(b"/CreationDate ()", b"")
    assert b"atplotlib v" not in written


def test_a_pdf_is_a_hundred_pixels_to_the_inch():
    with figures.drawn(gallery.line, size=(800, 450)) as drawing:
        assert b"/MediaBox [ 0 0 576 324 ]" in encoding.encode(drawing, "pdf")


@pytest.mark.parametrize("words", ["bell\x07", "half \ud83d", "</svg><script>alert(1)</script>", "-->", "]]>&"])
def test_any_text_makes_a_file_that_parses(words):
    def hook(figure):
        ax = figure.subplots()
        ax.bar([words, "b"], [1, 2], label=words)
        ax.set_title(words, gid=words.replace("\ud83d", ""))
        ax.legend()
        ax.yaxis.set_major_formatter(lambda value, place: words)

    root = parsed(svg_of(hook)[0])
    assert not list(root.iter(f"{SVG}script"))


@pytest.mark.parametrize(
    "url",
    ["https://example.org/?a=1&b=2", "http://example.org", "mailto:a@b.de", "/charts/1/", "../x", "#part", "?q=1"],
)
def test_links_to_pages_are_kept(url):
    def hook(figure):
        figure.subplots().set_title("t", url=url)

    svg, found = svg_of(hook)
    assert links_of(svg) == [url]
    assert found == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
    ],
)
def test_links_that_run_something_are_dropped_with_a_warning(url):
    def hook(figure):
        ax = figure.subplots()
        ax.set_title("t", url=url)
        ax.scatter([1, 2], [1, 2]).set_urls([url, "https://example.org"])
        ax.set_xticks([1], labels=["a"])
        ax.get_xticklabels()[0].set_url(url)

    svg, found = svg_of(hook)
    assert links_of(svg) == ["https://example.org"]
    assert len(found) == 1
    assert "is left out: a chart links to http, https, mailto or relative addresses" in found[0]


def test_unsafe_links_are_dropped_from_pdf():
    def hook(figure):
        figure.subplots().set_title("t", url="javascript:alert(1)")

    with figures.drawn(hook) as drawing:
        assert b"javascript" not in encoding.encode(drawing, "pdf")


def test_a_link_with_a_colon_after_its_path_is_relative():
    assert links.is_safe("reports/a:b")
    assert not links.is_safe("reports:a")


def test_vectors_leave_the_figure_as_it_was():
    with figures.drawn(gallery.line, densities=(1,)) as drawing:
        before = (drawing.figure.dpi, *drawing.figure.get_size_inches(), drawing.figure.canvas)
        encoding.encode(drawing, "svg")
        encoding.encode(drawing, "pdf")
        assert (drawing.figure.dpi, *drawing.figure.get_size_inches(), drawing.figure.canvas) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", encoding.FORMATS)
def test_bytes_are_the_same_in_every_process(name):
    code = f"""
import hashlib
from charts.drawing import encoding, figures
from tests.drawing import gallery
for hook in (gallery.line, gallery.heat, gallery.secondary):
    with figures.drawn(hook) as drawing:
        print(hashlib.sha256(encoding.encode(drawing, {name!r}, 2)).hexdigest())
"""
    root = Path(__file__).parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "SOURCE_DATE_EPOCH": epoch, "HOME": "/tmp"},  # noqa: S108
        ).stdout
        for seed, epoch in (("1", "1"), ("2", "2000000000"))
    }
    assert len(found) == 1
