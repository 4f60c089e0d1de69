"""What a file is by its first bytes: one of the formats that are taken, or what else, and why that is not."""

from charts.downloads.refusals import RefusalError

# Taken: what all browsers show, each decoded by a library that browsers feed with the open web's files.
# Not TIFF (few browsers show it, and its many variants are the classic ground for decoder bugs) and BMP (ten
# times too large); not SVG, which can carry scripts; never PostScript, for which Pillow starts Ghostscript.
EXTENSIONS = {"AVIF": "avif", "GIF": "gif", "JPEG": "jpg", "PNG": "png", "WEBP": "webp"}

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}

# Brands of ISO media files (ISO/IEC 23008-12, AV1 Image File Format).
AVIF_BRANDS = frozenset({b"avif", b"avis"})
OTHER_BRANDS = {
    b"hei": "a HEIC photo",
    b"hev": "a HEIC photo",
    b"mif": "a HEIC photo",
    b"msf": "a HEIC photo",
}

OTHERS = {
    b"BM": "a BMP image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"\0\0\1\0": "an icon",
    b"8BPS": "a Photoshop file",
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"\xff\x4f\xff\x51": "a JPEG 2000 image",
    b"%!PS": "a PostScript program",
    b"\xc5\xd0\xd3\xc6": "a PostScript program",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"PK\3\4": "a zip archive",
    b"{": "JSON",
}

HEAD_BYTES = 1_024


def recognise(head: bytes) -> str:
    """Return the format, as Pillow calls it, of a file that begins with `head` (`HEAD_BYTES` of it).

    Raises `RefusalError` for all that is not among `EXTENSIONS`.
    """
    if not head:
        raise RefusalError("is empty: give a file with an image in it")
    for signature, format_name in SIGNATURES.items():
        if head.startswith(signature):
            return format_name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if AVIF_BRANDS & _brands(head):
        return "AVIF"
    raise RefusalError(_refusal(head))


def _brands(head: bytes) -> set[bytes]:
    """Return the major and the compatible brands in the `ftyp` box that an ISO media file begins with."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[8 : int.from_bytes(head[:4], "big")]
    return {box[:4]} | {box[start : start + 4] for start in range(8, len(box) - 3, 4)}


def _refusal(head: bytes) -> str:
    choices = ", ".join(sorted(EXTENSIONS))
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "is a web page and not an image: give the address of the image itself"
    if text.startswith(b"<") and b"<svg" in text:
        return f"is an SVG, which can carry scripts and has no pixels to verify: export it as one of {choices}"
    return f"is {_other(head)}: choices are {choices}"


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return OTHER_BRANDS.get(head[8:11], "a video")
    return next(
        (name for signature, name in OTHERS.items() if head.startswith(signature)),
        "no image that is known here",
    )
