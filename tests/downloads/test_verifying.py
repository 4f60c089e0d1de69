"""A file is verified by what is in it, whatever it is called and wherever it comes from."""

import io
import tempfile
import time
import warnings
import zlib

import pytest
from django.core.files import File
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, features

from charts.downloads import EXTENSIONS, structures, verify_image
from charts.exceptions import DownloadError
from tests.downloads.pictures import (
    FORMATS,
    animation_bytes,
    image_bytes,
    png,
    png_chunk,
    png_of_declared_size,
)

PNG_PARTS = image_bytes()[8:33], image_bytes()[33:]


def verified(data: bytes, **options: int):
    return verify_image(io.BytesIO(data), **options)


def assert_refused(data: bytes, reason: str, **options: int) -> str:
    with pytest.raises(DownloadError, match=reason) as caught:
        verified(data, **options)
    return str(caught.value)


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_image_of_each_format_is_told_by_its_content(format_name):
    facts = verified(image_bytes(format_name, (160, 90)))
    assert (facts.format, facts.width, facts.height, facts.frames) == (format_name, 160, 90, 1)
    assert facts.extension == EXTENSIONS[format_name]
    assert facts.content_type == f"image/{format_name.lower()}"


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "WEBP", "AVIF"])
def test_an_animation_is_decoded_to_its_last_frame(format_name):
    assert verified(animation_bytes(format_name, 7)).frames == 7


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_an_image(mode):
    file = io.BytesIO()
    Image.new(mode, (5, 4)).save(file, "PNG")
    assert verified(file.getvalue()).format == "PNG"


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"restart_marker_blocks": 1},
        {"comment": b"\xff\xda" * 900},
        {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "icc_profile": bytes(200_000)},
    ],
)
def test_every_kind_of_jpeg_is_an_image(options):
    assert verified(image_bytes("JPEG", (300, 200), **options)).format == "JPEG"


@pytest.mark.parametrize("stray", [b"\xff\xff\xff", b"\xff\xd0", b"\xff\xff\xd7\xff"])
def test_fill_bytes_and_stray_restarts_between_segments_are_no_fault(stray):
    data = image_bytes("JPEG")
    table = data.index(b"\xff\xdb")
    assert verified(data[:table] + stray + data[table:]).format == "JPEG"


@pytest.mark.parametrize("block", range(2, 12))
def test_the_end_of_a_scan_is_found_wherever_the_file_is_read_in_two(block, monkeypatch):
    monkeypatch.setattr(structures, "BLOCK", block)
    data = image_bytes("JPEG", (40, 30), progressive=True)
    assert structures.canvas_of(io.BytesIO(data), "JPEG") == (40, 30)


def test_a_jpeg_of_several_pictures_is_its_first_one():
    file = io.BytesIO()
    Image.new("RGB", (50, 40)).save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (50, 40), "red")] * 3)
    facts = verified(file.getvalue())
    assert (facts.format, facts.extension, facts.frames) == ("JPEG", "jpg", 1)


@pytest.mark.parametrize("format_name", FORMATS)
def test_what_follows_the_end_of_an_image_is_no_fault(format_name):
    padding = b"\0" * 50
    data = image_bytes(format_name, (300, 200)) + padding
    assert verified(data).width == 300


@pytest.mark.parametrize("wrap", [io.BytesIO, ContentFile, lambda data: File(io.BytesIO(data), name="a.html")])
def test_the_file_is_left_at_its_beginning(wrap):
    file = wrap(image_bytes())
    file.read()
    verify_image(file)
    assert file.tell() == 0
    assert not file.closed


def test_a_refused_file_is_left_at_its_beginning_too():
    file = io.BytesIO(image_bytes()[:-20])
    with pytest.raises(DownloadError):
        verify_image(file)
    assert file.tell() == 0


def test_a_file_on_disk_is_verified_where_it_lies(tmp_path):
    path = tmp_path / "picture.php"
    path.write_bytes(image_bytes("GIF"))
    with path.open("rb") as file:
        assert verify_image(file).extension == "gif"


def test_an_error_calls_the_file_what_the_caller_calls_it():
    with pytest.raises(DownloadError, match=r"^The logo of Acme is empty: give a file with an image in it\.$"):
        verify_image(io.BytesIO(), subject="The logo of Acme")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\x00", "no image that is known"),
        (b"hello", "no image that is known"),
        (b"<!DOCTYPE html><svg></svg>", "a web page"),
        (b"\n <html><body>Not found", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG, which can carry scripts"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- made by hand -->\n<svg/>", "SVG"),
        (b"<?xml version='1.0'?><rss/>", "no image that is known"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file", "PostScript"),
        (b"%PDF-1.7", "PDF"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"BM\x46\0\0\0", "BMP"),
        (b"\0\0\1\0\1\0", "icon"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\x02\0isomavc1", "video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "no image that is known"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b'{"error": "not found"}', "JSON"),
    ],
)
def test_what_is_no_image_of_the_allowed_formats_is_called_by_its_name(data, reason):
    assert_refused(data, reason)


@pytest.mark.parametrize("format_name", ["TIFF", "BMP", "EPS", "ICO", "PPM", "TGA"])
def test_no_other_decoder_of_pillow_is_asked(format_name, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("asked"))
    assert_refused(image_bytes(format_name), "choices are AVIF, GIF, JPEG, PNG, WEBP")


@pytest.mark.parametrize("format_name", FORMATS)
def test_only_the_decoder_of_the_recognised_format_is_asked(format_name, monkeypatch):
    asked = []
    real_open = Image.open

    def recording_open(file, mode="r", formats=None):
        asked.append(formats)
        return real_open(file, mode, formats)

    monkeypatch.setattr(Image, "open", recording_open)
    verified(image_bytes(format_name))
    assert asked == [[format_name], [format_name]]


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_cut_off_file_is_refused_whatever_pillow_is_told_to_tolerate(format_name, kept, tolerant, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    data = image_bytes(format_name, (300, 200))
    assert_refused(data[: int(len(data) * kept)], "cut off|damaged")
    assert tolerant is ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "WEBP", "AVIF"])
def test_an_animation_that_lacks_its_last_frames_is_refused(format_name, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = animation_bytes(format_name, 20, (100, 60))
    assert_refused(data[: len(data) * 3 // 4], "cut off|damaged")


def test_a_png_with_a_wrong_checksum_is_refused():
    data = bytearray(image_bytes())
    data[-20] ^= 1
    assert_refused(bytes(data), "damaged")


@pytest.mark.parametrize("tolerant", [False, True])
def test_a_png_with_a_wrong_checksum_behind_its_pixels_is_refused(tolerant, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    data = image_bytes()
    text = bytearray(png_chunk(b"tEXt", b"Title\0A"))
    text[-1] ^= 1
    assert_refused(data[:-12] + bytes(text) + data[-12:], "checksum")


@pytest.mark.parametrize("tolerant", [False, True])
def test_an_animation_with_a_damaged_frame_is_refused(tolerant, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    data = bytearray(animation_bytes("GIF", 3))
    last_frame = data.rindex(b"\x2c\0\0\0\0")
    palette = 3 << (data[last_frame + 9] & 7) + 1 if data[last_frame + 9] & 0x80 else 0
    data[last_frame + 10 + palette] = 99  # the width of the first code of its compression
    assert_refused(bytes(data), "damaged")


@pytest.mark.parametrize("tolerant", [False, True])
def test_a_png_with_fewer_rows_than_it_declares_is_refused(tolerant, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    assert_refused(png_of_declared_size(100, 100), "damaged")


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (40_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_png_that_declares_too_many_pixels_never_reaches_the_decoder(width, height, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("asked"))
    assert_refused(png_of_declared_size(width, height), f"declares {width:,} × {height:,} pixels.*MAX_PIXELS")


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_bound_of_pixels_is_the_callers(format_name, monkeypatch):
    data = image_bytes(format_name, (200, 100))
    assert verified(data, max_pixels=20_000).width == 200
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *args: pytest.fail("decoded"))
    assert_refused(data, "more than 19,999", max_pixels=19_999)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("action", ["ignore", "error"])
def test_pillows_own_bound_is_an_error_where_it_is_lower(format_name, action, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 15_000)
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        assert_refused(image_bytes(format_name, (200, 100)), "more than 15,000|more pixels than Pillow")


def test_pillows_bound_may_be_switched_off(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert verified(image_bytes()).width == 16


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "WEBP"])
def test_an_animation_of_thousands_of_frames_is_refused_undecoded(format_name, monkeypatch):
    data = animation_bytes(format_name, 1_001, (2, 2))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *args: pytest.fail("decoded"))
    assert_refused(data, "1,001 frames of 2 × 2")


def test_all_frames_together_are_bounded(monkeypatch):
    data = animation_bytes("GIF", 6, (100, 100))
    assert verified(data, max_pixels=12_000).frames == 6
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *args: pytest.fail("decoded"))
    assert_refused(data, "6 frames of 100 × 100.*50,000 pixels in all", max_pixels=10_000)


def test_a_frame_of_a_gif_that_reaches_over_the_edge_counts_with_all_its_pixels():
    data = animation_bytes("GIF", 2)
    second = data.rindex(b"\x2c", 0, -20)
    enlarged = data[: second + 5] + b"\xff\xff\xff\xff" + data[second + 9 :]
    assert_refused(enlarged, "65,535 × 65,535")


def test_a_frame_that_only_pillow_sees_is_bounded_before_it_is_decoded():
    data = animation_bytes("GIF", 1)
    start = data.index(b"\x2c\0\0\0\0")
    # After an empty extension Pillow goes on with another chain of blocks, here one of 59 bytes, where the
    # standard has the ";" at the end of the file.
    hidden = data[start:-1].replace(b"\x2c\0\0\0\0\x10\0\x09\0", b"\x2c\0\0\0\0\x40\x1f\x40\x1f")
    assert_refused(data[:-1] + b"!\xf9\0;" + bytes(60) + hidden + b";", "8,000 × 8,000")


def test_a_jpeg_of_many_scans_is_refused_undecoded(monkeypatch):
    data = image_bytes("JPEG", (64, 64), progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("asked"))
    assert_refused(data[:-2] + last_scan * 100 + data[-2:], "more than 100 scans")


@pytest.mark.parametrize(
    "data",
    [
        png([PNG_PARTS[0], png_chunk(b"vpAg") * 100_000, PNG_PARTS[1]]),
        b"\xff\xd8" + b"\xff\xfe\0\2" * 300_000 + image_bytes("JPEG")[2:],
        b"\xff\xd8" + b"\xff" * 1_000_000 + image_bytes("JPEG")[2:],
        image_bytes("GIF")[:-1] + b"!\xfe" + b"\1a" * 500_000 + b"\0;",
    ],
    ids=["PNG chunks", "JPEG segments", "JPEG filling", "GIF blocks"],
)
def test_a_file_of_very_many_empty_pieces_is_refused_undecoded(data, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("asked"))
    assert_refused(data, "many more pieces")


def test_a_text_of_a_png_that_unpacks_to_much_is_refused():
    bomb = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))
    assert_refused(png([PNG_PARTS[0], bomb, PNG_PARTS[1]]), "too large")


def test_a_format_that_pillow_was_built_without_is_said_to_be_so(monkeypatch):
    monkeypatch.setattr(features, "check", lambda feature: feature != "avif")
    assert_refused(image_bytes("AVIF"), "AVIF.*built without")


def test_a_file_that_is_no_binary_file_is_refused():
    with pytest.raises(DownloadError, match="open it in binary mode"):
        verify_image(io.StringIO("text"))
    with pytest.raises(DownloadError, match="give an open, seekable file"):
        verify_image("/tmp/a.png")  # noqa: S108  (a path where a file belongs)


def test_a_closed_file_is_refused():
    file = io.BytesIO(image_bytes())
    file.close()
    with pytest.raises(DownloadError, match="give an open, seekable file"):
        verify_image(file)


def test_errors_carry_their_cause_and_no_control_characters(monkeypatch):
    def fail(*args, **options):
        raise ValueError("bad\x1b[31m bytes\r\n")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(DownloadError, match=r"\(bad\[31m bytes\)") as caught:
        verified(image_bytes())
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_warning_that_is_an_error_here_is_a_refusal(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *args, **options: warnings.warn("odd EXIF", stacklevel=1))
    assert_refused(image_bytes(), "odd EXIF")


def test_out_of_memory_is_a_refusal(monkeypatch):
    def fail(self):
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    assert_refused(image_bytes(), "cannot be decoded as PNG")


def test_a_spooled_file_is_verified_in_memory_and_on_disk():
    for max_size in (1, 1_000_000):
        with tempfile.SpooledTemporaryFile(max_size=max_size) as file:
            file.write(image_bytes("JPEG", (300, 200)))
            assert verify_image(file).height == 200


SOUND = [image_bytes(name, (40, 30)) for name in FORMATS] + [animation_bytes("GIF", 4), animation_bytes("PNG", 4)]


@given(
    data=st.sampled_from(SOUND),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_is_an_image_or_a_refusal_and_nothing_else(data, cut, changes):
    damaged = bytearray(data[: 1 + int(len(data) * cut)])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    # Pillow warns of damaged metadata; what a site makes of warnings is its own affair.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            facts = verified(bytes(damaged))
        except DownloadError:
            return
    assert facts.width * facts.height > 0


@pytest.mark.slow
def test_the_worst_that_is_let_through_takes_seconds():
    last = image_bytes("JPEG", (7000, 5700), progressive=True)
    scan = last[last.rindex(b"\xff\xda") : -2]
    began = time.monotonic()
    assert verified(last[:-2] + scan * 85 + last[-2:]).width == 7000
    assert time.monotonic() - began < 30
