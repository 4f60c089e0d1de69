"""A library: sources of every shape that a watch can have, in an app of their own."""

from tests.library.models.relations import *  # noqa: F403  (Django looks for models here)
from tests.library.models.sources import *  # noqa: F403
