"""`{% load measures %}`: numbers as people write them."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def measure(value: float, unit: str = "") -> str:
    """Write a number with one decimal, a true minus sign and, held to it, its unit."""
    number = number_format(value, decimal_pos=1).replace("-", "−")
    return f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number
