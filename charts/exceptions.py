"""The errors of this app: one base, one class for each thing a caller may want to catch."""


class ChartError(Exception):
    """Base of this app's errors; never raised itself."""


class DrawError(ChartError, ValueError):
    """Say what in a figure cannot be drawn as asked, and the way out."""


class DigestError(ChartError, TypeError):
    """Say that a value has no stable digest, and which hook to define."""


class DownloadError(ChartError, ValueError):
    """Say why a picture could not be taken from a URL."""


class StorageError(ChartError, OSError):
    """Say that a storage did not keep a file under the name it was given."""


class RenderError(ChartError):
    """Say which chart could not be rendered and during which step; the cause is chained."""


class WorkersError(ChartError):
    """Say that no child process can be started to render in, and why."""
