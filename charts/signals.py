"""What the app tells others about: a chart got a picture, a chart got none."""

from django.dispatch import Signal

# Sent with sender=the chart's class, chart=the row as published, result=RenderResult.
chart_rendered = Signal()

# Sent with sender=the chart's class, chart=its ChartKey, error=RenderError, duration=seconds.
chart_failed = Signal()
