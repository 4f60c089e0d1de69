"""Taking pictures from outside: downloads that open no door, and files that are what they say they are.

`download_image` and `verify_image` are the two entrances. A way through the modules: a URL is read (`urls`),
its host's addresses are looked up and checked (`addresses`), one of them is asked (`transport`), redirects
are followed and the body kept (`downloading`), and the bytes say what they are (`formats`, `structures`,
`verifying`). Each raises `RefusalError`, the rest of a sentence; the entrances put the subject before it.
"""

from charts.downloads.downloading import Download, download_image
from charts.downloads.formats import EXTENSIONS
from charts.downloads.verifying import MAX_PIXELS, ImageFacts, verify_image

__all__ = ["EXTENSIONS", "MAX_PIXELS", "Download", "ImageFacts", "download_image", "verify_image"]
