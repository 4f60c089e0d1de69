"""`{% load charts %}`: the tags that show stored charts."""

import re
from collections.abc import Callable
from typing import Any

from django.template import Library, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Parser, Token, render_value_in_context
from django.template.context import Context
from django.utils.safestring import SafeString

from charts.markup import tags
from charts.markup.live import EVERY
from charts.markup.subjects import require_chart

register = Library()

# Attributes have names that arguments of Python cannot have: data-id, hx-get, @click, x-on:click.prevent
ARGUMENT = re.compile(r"([^\s=\"'|]+)=(.+)", re.DOTALL)

Show = Callable[..., SafeString | str]


class ShowNode(Node):
    """A tag that shows a chart, with any attributes: `{% tag obj name=value … as variable %}`."""

    def __init__(
        self, show: Show, obj: FilterExpression, arguments: dict[str, FilterExpression], variable: str
    ) -> None:
        self.show, self.obj, self.arguments, self.variable = show, obj, arguments, variable

    def render(self, context: Context) -> SafeString:
        arguments = {name: value.resolve(context) for name, value in self.arguments.items()}
        obj = self.obj.resolve(context)
        require_chart(obj, self.obj.token)  # here, where it has a name
        shown = self.show(context, obj, **arguments)
        if self.variable:
            context[self.variable] = shown
            return SafeString("")
        return SafeString(render_value_in_context(shown, context))


def _tag(show: Show) -> Show:
    """Register a function of the context, a chart and named arguments as the tag of its name."""

    def compiled(parser: Parser, token: Token) -> ShowNode:
        name, *bits = token.split_contents()
        variable = ""
        if bits[-2:-1] == ["as"]:
            *bits, _, variable = bits
        if not bits:
            raise TemplateSyntaxError(f"{{% {name} %}} shows a chart: name it first, as in {{% {name} chart %}}.")
        arguments = dict(_argument(name, bit) for bit in bits[1:])
        if len(arguments) < len(bits) - 1:
            raise TemplateSyntaxError(f"{{% {name} %}} is given an argument twice: {token.contents}")
        compile_filter = parser.compile_filter
        values = {key: compile_filter(value) for key, value in arguments.items()}
        return ShowNode(show, compile_filter(bits[0]), values, variable)

    register.tag(show.__name__, compiled)
    return show


def _argument(tag: str, bit: str) -> tuple[str, str]:
    match = ARGUMENT.fullmatch(bit)
    if not match:
        raise TemplateSyntaxError(f"{{% {tag} %}} takes name=value after the chart, not {bit!r}.")
    return match[1], match[2]


@_tag
def chart(context: Context, obj: Any, /, **arguments: Any) -> SafeString:
    """Show a chart; see `charts.markup.tags.chart`."""
    return tags.chart(obj, **arguments)


@_tag
def chart_url(context: Context, obj: Any, /, **arguments: Any) -> str:
    """Give the address of one file of a chart; see `charts.markup.tags.chart_url`."""
    return tags.chart_url(obj, request=context.get("request"), **arguments)


@_tag
def chart_table(context: Context, obj: Any, /, **arguments: Any) -> SafeString:
    """Give the numbers behind a chart as a table; see `charts.markup.tags.chart_table`."""
    return tags.chart_table(obj, **arguments)


@_tag
def chart_meta(context: Context, obj: Any, /, **arguments: Any) -> SafeString:
    """Give a page's link a picture; see `charts.markup.previews.meta`."""
    return tags.chart_meta(obj, context.get("request"), **arguments)


@register.simple_tag
def chart_live(every: float = EVERY) -> SafeString:
    """Have the pictures that were shown with `live=True` follow their charts."""
    return tags.chart_live(every)
