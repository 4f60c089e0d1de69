"""Measurements: every number the project states comes from here, as a ratio within one interleaved run."""
