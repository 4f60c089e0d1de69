"""Is a file really an image, whole, and of a size that may be decoded? Decoding it, within bounds, tells."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import IO

from PIL import Image, ImageFile, UnidentifiedImageError, features

from charts.downloads.formats import EXTENSIONS, HEAD_BYTES, recognise
from charts.downloads.refusals import RefusalError, printable
from charts.downloads.structures import canvas_of
from charts.exceptions import DownloadError

# A page-filling photograph has 10 to 25 million. Decoding takes 4 bytes of memory for each of a PNG or JPEG, 7 of
# a progressive JPEG, 9 of an AVIF, 16 of a WebP: 640 MB at the most.
MAX_PIXELS = 40_000_000

# All frames together may have the pixels of this many pictures: 2 to 4 seconds of decoding at the default.
MAX_PICTURES = 5
MAX_FRAMES = 1_000


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """What a verified file is: its format as Pillow calls it, its stored size in pixels, its frames.

    An orientation in the metadata is not applied to `width` and `height`, as in Django's `ImageField`.
    """

    format: str
    width: int
    height: int
    frames: int = 1

    @property
    def extension(self) -> str:
        """Return the file name extension of the format, without a dot."""
        return EXTENSIONS[self.format]

    @property
    def content_type(self) -> str:
        """Return the media type of the format."""
        return f"image/{self.format.lower()}"


def verify_image(file: IO[bytes], *, max_pixels: int = MAX_PIXELS, subject: str = "The image") -> ImageFacts:
    """Decode the whole of `file` and return what it is; leave it at its beginning.

    `file` is open, binary and seekable. `max_pixels` bounds width × height, and Pillow's
    `Image.MAX_IMAGE_PIXELS` does too where it is lower; five times as much is allowed for all frames of an
    animation together. `subject` is what errors call the file.

    Taken are PNG, JPEG, GIF, WebP and AVIF. Raises `DownloadError` for others, for damaged or cut-off files
    (Pillow's `LOAD_TRUNCATED_IMAGES` is unset meanwhile), and for those too large or made to be a burden.
    """
    try:
        return facts_of(file, max_pixels=max_pixels)
    except RefusalError as refusal:
        raise DownloadError(f"{subject} {refusal}.") from refusal.__cause__


def facts_of(file: IO[bytes], *, max_pixels: int) -> ImageFacts:
    """Do the work of `verify_image`; raise `RefusalError`."""
    try:
        return _verified(file, recognise(_head(file)), max_pixels)
    except (OSError, ValueError, AttributeError) as error:
        reason = printable(str(error), 100)
        raise RefusalError(f"cannot be read ({reason}): give an open, seekable file") from error
    finally:
        with suppress(OSError, ValueError, AttributeError):
            file.seek(0)


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not isinstance(head, bytes):
        raise RefusalError("is open as text: open it in binary mode")
    return head


def _verified(file: IO[bytes], format_name: str, max_pixels: int) -> ImageFacts:
    if format_name in {"AVIF", "WEBP"} and not features.check(format_name.lower()):
        raise RefusalError(f"is of the format {format_name}, which this machine's Pillow was built without")
    if canvas := canvas_of(file, format_name):
        _check_size(*canvas, 1, max_pixels)
    with _strictness, _decoder_faults(format_name):
        with Image.open(file, formats=[format_name]) as image:
            frames = _check_image(image, format_name, max_pixels)
            width, height = image.size
            image.verify()
        _decode(file, format_name, frames, max_pixels)
    return ImageFacts(format=format_name, width=width, height=height, frames=frames)


def _decode(file: IO[bytes], format_name: str, frames: int, max_pixels: int) -> None:
    # Opened again: verify() leaves an image that cannot be read any more.
    with Image.open(file, formats=[format_name]) as image:
        for frame in range(frames):
            image.seek(frame)
            # Here Pillow has read the frame's header, and may have enlarged a GIF's canvas for it.
            _check_image(image, format_name, max_pixels)
            image.load()


def _check_image(image: ImageFile.ImageFile, format_name: str, max_pixels: int) -> int:
    """Return the number of frames, once it and the size have been found to be within bounds."""
    # A JPEG of several pictures (MPO: cameras add depth maps and previews) is shown as its first everywhere.
    frames = 1 if format_name == "JPEG" else getattr(image, "n_frames", 1)
    _check_size(image.width, image.height, frames, max_pixels)
    return frames


def _check_size(width: int, height: int, frames: int, max_pixels: int) -> None:
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    if width * height > limit:
        raise RefusalError(
            f"declares {width:,} × {height:,} pixels, more than {limit:,}: scale it down, or raise CHARTS['MAX_PIXELS']"
        )
    if frames > MAX_FRAMES or width * height * frames > MAX_PICTURES * limit:
        raise RefusalError(
            f"has {frames:,} frames of {width:,} × {height:,} pixels, more than {MAX_FRAMES:,} frames or "
            f"{MAX_PICTURES * limit:,} pixels in all: give a shorter or smaller animation"
        )


class _Strictness:
    """While anybody verifies, Pillow tolerates no damage, whatever it was told to: importing WeasyPrint tells it to.

    The switch is one for the process. It goes back to what it was when the last who verifies is done.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._before: bool = False

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._before = ImageFile.LOAD_TRUNCATED_IMAGES
                ImageFile.LOAD_TRUNCATED_IMAGES = False
            self._users += 1

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                ImageFile.LOAD_TRUNCATED_IMAGES = self._before


_strictness = _Strictness()


@contextmanager
def _decoder_faults(format_name: str) -> Iterator[None]:
    try:
        yield
    except RefusalError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusalError("declares more pixels than Pillow's Image.MAX_IMAGE_PIXELS: scale it down") from error
    except Exception as error:  # decoders raise anything for damaged files
        known = not isinstance(error, UnidentifiedImageError)  # whose message is the address of an object
        reason = f" ({printable(str(error), 100)})" if known and str(error) else ""
        raise RefusalError(f"cannot be decoded as {format_name}{reason}: it is damaged, so export it again") from error
