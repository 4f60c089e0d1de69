"""Rendering in child processes that cannot hang, and cannot take their parent with them.

`orders` says what is to be done of one chart and does it, `children` is what runs in a child, `members` is a child as
its parent sees it, `crew` keeps a few at work. A child is killed when its time is over, and may be killed by anybody at
any moment: what it was at is recorded on the chart by its parent, or done by another child if it had not begun.
"""
