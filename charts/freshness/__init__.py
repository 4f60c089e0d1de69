"""Keeping charts true: every statement that moves a chart from changed to drawn, each once.

`marks` notes what changed, `jobs` hands it to workers, `publishing` ends it. No engine's memory is trusted: a
message is a hint, the rows are the truth. Which engine there is, `dispatch` says; nothing here imports one.
"""
