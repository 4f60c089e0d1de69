"""Rendering in child processes that cannot hang, and cannot take their parent with them.

`orders` says what is to be done of one chart and does it, `children` is what runs in a child, `crew` keeps a few
children at work. A child is killed when its time is over; what it was at is recorded on the chart by its parent.
"""
