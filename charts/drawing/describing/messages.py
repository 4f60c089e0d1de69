"""Every message an alt text is made of, in one place for translators, and the voice that says them."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.wording import inside_sentence

Translate = Callable[[str], str]
# Gets the message for one, that for more, and how many there are.
Count = Callable[[str, str, int], str]


# What marks messages; this package knows no Django, so they are translated when they are said.


def gettext_noop(text: str) -> str:
    """Mark a message."""
    return text


def ngettext(one: str, more: str) -> tuple[str, str]:
    """Mark a message that counts."""
    return one, more


_ = gettext_noop

MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
    _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
)  # fmt: skip
WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip

MESSAGES: dict[str, str] = {
    # Translators: these five are samples of how your language writes; translate them as written there.
    "sample_number": _("1,234.5"),
    "sample_noun": _("temperature"),
    "list_separator": _(", "),
    "list_end": _("%(items)s and %(last)s"),
    "clause_separator": _("; "),
    # Numbers
    "percent": _("%(number)s %%"),
    "with_unit": _("%(number)s %(unit)s"),
    "currency": _("%(unit)s%(number)s"),
    "million": _("%(number)s million"),
    "billion": _("%(number)s billion"),
    "trillion": _("%(number)s trillion"),
    "to_the_power": _("to the power of %(exponent)s"),
    "power": _("%(number)s times 10 to the power of %(exponent)s"),
    # Dates and places on an axis
    "date": _("%(day)s %(month)s %(year)s"),
    "date_of_year": _("%(day)s %(month)s"),
    "month_of_year": _("%(month)s %(year)s"),
    "time_of_date": _("%(time)s on %(date)s"),
    "in_year": _("in %(year)s"),
    "in_month": _("in %(month)s"),
    "on": _("on %(place)s"),
    "at": _("at %(place)s"),
    "at_time": _("at %(time)s"),
    "for": _("for %(place)s"),
    "around": _("around %(place)s"),
    "value_at": _("%(value)s %(place)s"),
    "degrees": _("%(number)s degrees"),
    "step_year": _("year"),
    "step_quarter": _("quarter"),
    "step_month": _("month"),
    "step_week": _("week"),
    "step_day": _("day"),
    "step_hour": _("hour"),
    "step_time": _("time"),
    # The figure
    "chart": _("Chart."),
    "chart_empty": _("Empty chart: nothing is drawn."),
    "no_data": _("no data"),
    "measure": _("%(name)s in %(unit)s"),
    "intro_of": _("%(kind)s of %(measure)s"),
    "intro_in": _("%(kind)s in %(unit)s"),
    "intro_by": _("%(intro)s by %(axis)s"),
    "intro_against": _("%(intro)s against %(axis)s"),
    "intro_when": _("%(intro)s %(when)s"),
    "intro_span": _("%(intro)s from %(first)s to %(last)s"),
    "intro_log": _("%(intro)s, on a logarithmic scale"),
    "intro_log_x": _("%(intro)s, with a logarithmic horizontal axis"),
    "intro_log_both": _("%(intro)s, on logarithmic scales"),
    "intro_colon": _("%(intro)s: %(body)s"),
    "polar": _("polar %(kind)s"),
    "three_d": _("3-D %(kind)s"),
    "intro_with": _("%(intro)s, with %(parts)s"),
    "panels_named": _("%(panels)s: %(names)s"),
    "panels_paired": _("%(panels)s: %(names)s, each against the others"),
    "panel": _("%(title)s, %(intro)s"),
    "margins": _("distributions in the margins"),
    "left_axis": _("%(name)s (left axis)"),
    "right_axis": _("%(name)s (right axis)"),
    "top_axis": _("%(name)s (top axis)"),
    "bottom_axis": _("%(name)s (bottom axis)"),
    "named": _("%(name)s %(clause)s"),
    "titled": _("%(name)s: %(clause)s"),
    "number_of": _("%(noun)s %(number)s"),
    # Kinds of chart, and what is drawn in one besides
    "kind_chart": _("chart"),
    "kind_line": _("line chart"),
    "kind_step": _("step chart"),
    "kind_stem": _("stem plot"),
    "kind_points": _("dot plot"),
    "kind_bars": _("bar chart"),
    "kind_barh": _("horizontal bar chart"),
    "kind_grouped": _("grouped bar chart"),
    "kind_stacked": _("stacked bar chart"),
    "kind_ranges": _("chart of ranges"),
    "kind_histogram": _("histogram"),
    "kind_density": _("density curve"),
    "kind_scatter": _("scatter plot"),
    "kind_area": _("area chart"),
    "kind_stack": _("stacked area chart"),
    "kind_band": _("band chart"),
    "kind_heatmap": _("heatmap"),
    "kind_calendar": _("calendar heatmap"),
    "kind_hexbin": _("hexagonal heatmap"),
    "kind_contour": _("contour plot"),
    "kind_arrows": _("arrow plot"),
    "kind_streams": _("stream plot"),
    "kind_image": _("image"),
    "kind_events": _("event plot"),
    "kind_surface": _("surface plot"),
    "kind_pie": _("pie chart"),
    "kind_donut": _("donut chart"),
    "kind_box": _("box plot"),
    "kind_violin": _("violin plot"),
    "kind_table": _("table"),
    "table_size": _("%(table)s with %(sizes)s"),
    "part_line": _("a line"),
    "part_lines": _("lines"),
    "part_step": _("a stepped line"),
    "part_steps": _("stepped lines"),
    "part_stem": _("stems"),
    "part_points": _("points"),
    "part_bars": _("bars"),
    "part_band": _("a shaded band"),
    "part_bands": _("shaded bands"),
    "part_trend": _("a trend line"),
    "part_errors": _("error bars"),
    "part_histogram": _("a histogram"),
    "part_density": _("a density curve"),
    "part_area": _("an area"),
    "part_stack": _("stacked areas"),
    "part_scatter": _("points"),
    "part_contour": _("contours"),
    "part_arrows": _("arrows"),
    "part_streams": _("streamlines"),
    "part_image": _("an image"),
    "part_heatmap": _("a heatmap"),
    "part_events": _("events"),
    "part_box": _("boxes"),
    "part_violin": _("violins"),
    "part_table": _("a table"),
    # Series
    "rises": _("rises from %(first)s to %(last)s"),
    "falls": _("falls from %(first)s to %(last)s"),
    "rises_overall": _("rises overall from %(first)s to %(last)s"),
    "falls_overall": _("falls overall from %(first)s to %(last)s"),
    "varies": _("starts at %(first)s and ends at %(last)s"),
    "peaks": _("rises from %(first)s to a peak of %(high)s and falls to %(last)s"),
    "dips": _("falls from %(first)s to a low of %(low)s and rises to %(last)s"),
    "stays": _("stays at %(value)s"),
    "stays_around": _("stays around %(value)s, between %(low)s and %(high)s"),
    "one_point": _("one point, %(value)s"),
    "ranges": _("from %(low)s to %(high)s"),
    "lowest": _("lowest %(low)s"),
    "highest": _("highest %(high)s"),
    "gaps": _("with gaps"),
    "all_values": _("values from %(low)s to %(high)s"),
    "end_extremes": _("at the end %(top)s is highest with %(high)s and %(bottom)s lowest with %(low)s"),
    "highest_series": _("%(name)s has the highest, %(high)s"),
    "lowest_series": _("%(name)s the lowest, %(low)s"),
    # Bars, shares and groups
    "entry": _("%(name)s %(value)s"),
    "one_top": _("%(names)s is highest with %(high)s"),
    "several_top": _("%(names)s are highest with %(high)s"),
    "bottom": _("%(names)s lowest with %(low)s"),
    "range_entry": _("%(name)s from %(low)s to %(high)s"),
    "total": _("the total"),
    "share_of_all": _("%(shares)s of the total"),
    "share_change": _("%(name)s from %(first)s to %(last)s"),
    "shares_change": _("shares of the total: %(changes)s"),
    "last_shares": _("shares at the end: %(shares)s"),
    "medians": _("medians %(entries)s"),
    "medians_about": _("medians about %(entries)s"),
    "one_box": _("median %(median)s, the middle half from %(low)s to %(high)s"),
    "one_violin": _("median about %(median)s"),
    "median_extremes": _("the median is highest %(top)s with %(high)s and lowest %(bottom)s with %(low)s"),
    "beyond": _("all values from %(low)s to %(high)s"),
    # Distributions, points, bands, grids
    "histogram_counts": _("%(counted)s in %(bins)s from %(low)s to %(high)s"),
    "histogram_shape": _("%(bins)s from %(low)s to %(high)s"),
    "count_noun": _("%(count)s %(noun)s"),
    "most_common": _("most often from %(low)s to %(high)s (%(count)s)"),
    "most_common_shape": _("most often from %(low)s to %(high)s"),
    "density_peak": _("most often around %(place)s"),
    "points_named": _("%(points)s (%(names)s)"),
    "axis_range": _("%(axis)s from %(low)s to %(high)s"),
    "horizontally": _("horizontally"),
    "vertically": _("vertically"),
    "rise_together": _("%(y)s tends to rise with %(x)s (correlation %(r)s)"),
    "fall_apart": _("%(y)s tends to fall as %(x)s rises (correlation %(r)s)"),
    "coloured_by": _("coloured by %(measure)s from %(low)s to %(high)s"),
    "the_vertical": _("the vertical value"),
    "the_horizontal": _("the horizontal one"),
    "band": _("reaches from %(low)s at its lowest to %(high)s at its highest"),
    "the_band": _("the shaded band"),
    "the_line": _("the line"),
    "the_bars": _("the bars"),
    "noun_series": _("series"),
    "noun_part": _("part"),
    "noun_panel": _("panel"),
    "grid_values": _("values from %(low)s to %(high)s"),
    "grid_highest": _("highest %(places)s"),
    # Notes
    "reference": _("Reference line %(name)s %(place)s"),
    "references": _("Reference lines: %(entries)s"),
    "reference_entry": _("%(name)s %(place)s"),
    "diagonal": _("Reference line %(name)s"),
    "span": _("Shaded range %(name)s from %(low)s to %(high)s"),
    **{f"month_{number}": month for number, month in enumerate(MONTHS, 1)},
    **{f"weekday_{number}": day for number, day in enumerate(WEEKDAYS, 1)},
}

# Those that count: for one, and for more.
COUNTS: dict[str, tuple[str, str]] = {
    "panels": ngettext("%(count)s panel", "%(count)s panels"),
    "panels_each": ngettext("%(count)s panel, each a %(intro)s", "%(count)s panels, each a %(intro)s"),
    "and_more": ngettext("%(count)s more", "%(count)s more"),
    "path": ngettext("a path of %(count)s point", "a path of %(count)s points"),
    "end_higher": ngettext(
        "%(count)s of %(all)s ends higher than it starts", "%(count)s of %(all)s end higher than they start"
    ),
    "all_equal": ngettext("all %(count)s at %(value)s", "all %(count)s at %(value)s"),
    "count_lines": ngettext("%(count)s line", "%(count)s lines"),
    "more_lines": ngettext("%(count)s more line", "%(count)s more lines"),
    "count_bars": ngettext("%(count)s bar", "%(count)s bars"),
    "biggest_shares": ngettext(
        "%(count)s part, the biggest %(shares)s; the smallest %(last)s",
        "%(count)s parts, the biggest %(shares)s; the smallest %(last)s",
    ),
    "groups": ngettext("%(count)s group", "%(count)s groups"),
    "bins": ngettext("%(count)s bin", "%(count)s bins"),
    "values": ngettext("%(count)s value", "%(count)s values"),
    "points": ngettext("%(count)s point", "%(count)s points"),
    "rows": ngettext("%(count)s row", "%(count)s rows"),
    "columns": ngettext("%(count)s column", "%(count)s columns"),
    "days": ngettext("%(count)s day", "%(count)s days"),
    "cells_empty": ngettext("%(count)s empty", "%(count)s empty"),
}

_SAMPLE = re.compile(r"1(\D?)234(\D)5")


def spoken(translate: Translate) -> Translate:
    """Return the translation if it knows any sentence of ours, else English.

    Django's own catalogues know the months: "by hour on 1 Januar 2024" would be in no language.
    """
    known = any(attempt(translate, text, default=text) != text for text in MESSAGES.values() if "%(" in text)
    return translate if known else str


def _filled(template: str, english: str, values: dict[str, object]) -> str:
    return str(attempt(template.__mod__, values, default=english % values))


class Voice:
    """Say messages in one language.

    `translate` gets each template of `MESSAGES` before it is filled, `count` each pair of `COUNTS`; one that fails,
    or whose translation lost a placeholder, is said in English instead: an alt text is better odd than missing.
    """

    def __init__(
        self, translate: Translate, *, count: Count | None = None, names: frozenset[str] = frozenset()
    ) -> None:
        self._translate = spoken(translate)
        is_translated = self._translate is translate
        self._count = count if count is not None and is_translated else self._counted
        self._names = names | set(MONTHS) | set(WEEKDAYS)  # words that keep their capital

    def say(self, key: str, **values: object) -> str:
        """Return the message of this key, translated, with its named values filled in."""
        template = str(attempt(self._translate, MESSAGES[key], default=MESSAGES[key]))
        return _filled(template, MESSAGES[key], values) if values else template

    def count_of(self, key: str, number: int, **values: object) -> str:
        """Return the message that counts something, with the number and its named values filled in."""
        one, more = COUNTS[key]
        english = one if number == 1 else more
        template = str(attempt(self._count, one, more, number, default=english))
        return _filled(template, english, {"count": self.count(number), **values})

    def _counted(self, one: str, more: str, number: int) -> str:
        """Return the message as English chooses it, for a language that does not say how it counts."""
        return self._translate(one if number == 1 else more)

    def at(self, key: str, place: str) -> str:
        """Return a place with its preposition: "in March", "at 14:30"."""
        return self.say(key, place=place, year=place, month=place, time=place)

    def join(self, items: Sequence[str]) -> str:
        """Return "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        head = self.say("list_separator").join(items[:-1])
        return self.say("list_end", items=head, last=items[-1])

    def placed(self, value: str, place: str) -> str:
        """Return "5 in March", or the value alone where the place has no words."""
        return self.say("value_at", value=value, place=place) if place else value

    def some(self, items: Sequence[str], most: int) -> str:
        """Return the first of the items as a list, and how many more there are."""
        if len(items) <= most:
            return self.join(items)
        return self.join([*items[:most], self.count_of("and_more", len(items) - most)])

    def count(self, number: int) -> str:
        """Return a count with its thousands grouped."""
        return f"{number:,}".replace(",", self.separators[0])

    def month(self, number: int) -> str:
        """Return the name of a month, 1 to 12."""
        return self.say(f"month_{number}")

    @cached_property
    def separators(self) -> tuple[str, str]:
        """Return what groups thousands and what marks decimals, read off the translated sample."""
        match = _SAMPLE.fullmatch(self.say("sample_number"))
        return (match[1], match[2]) if match else (",", ".")

    def inside(self, label: str) -> str:
        """Return a label as it is written inside a sentence of this language."""
        return label if self._keeps_capitals else inside_sentence(label, keep=self._names)

    @cached_property
    def _keeps_capitals(self) -> bool:
        return self.say("sample_noun")[:1].isupper()  # as German nouns are
