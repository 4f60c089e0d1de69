"""Serving pictures: rendering what nobody has rendered yet, and never breaking the page that asked."""

from charts.views.news import news
from charts.views.pictures import image, latest

__all__ = ["image", "latest", "news"]
