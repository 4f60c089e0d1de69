"""One panel in words: what it is called, what it measures by what, and a clause for each thing in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from charts.drawing.describing.areas import Band, Stack
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.bars import Bars
from charts.drawing.describing.boxes import Groups
from charts.drawing.describing.grids import Grid, shade_scale
from charts.drawing.describing.kinds import clauses_of, parts_of, ranked, told
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Floats, Mark, Telling, extent, measure_text
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.scales import Scale, Writer
from charts.drawing.describing.sheets import Sheet, sheet_intro
from charts.drawing.describing.solids import Solid
from charts.drawing.describing.wording import Label, sentence, split_label

_LISTED = 6
_NO_MEASURE = {"pie", "donut", "image", "surface", "streams", "arrows", "events", "chart", "table"}
_OVER_PLACES = {"histogram", "density"}


@dataclass
class Story:
    """The words for one panel; `extra` are parts that other panels add to it."""

    voice: Voice
    marks: Sequence[Mark]
    shape: str = ""
    extra: Sequence[str] = ()
    several: bool = False  # told beside others: the span is said once, with the introduction
    subtitle: str = ""  # what is left of it, when the introduction has taken the measure from it

    def __post_init__(self) -> None:
        self._has_common_places = True
        self.marks = ranked(self.marks)
        self.told = ranked(told(self.marks)) or list(self.marks)
        self._take_subtitle()
        self._lend_name()

    def _take_subtitle(self) -> None:
        """Read measure and unit off a subtitle that says them, where the axis says neither."""
        label = split_label(self.subtitle)
        if self.measured is not None and not self.measured.label.name and label.unit:
            self.measured.label = label
            self.subtitle = ""

    def _lend_name(self) -> None:
        """Let the only series' name be the chart's measure where its axis has none: "line chart of sales"."""
        self.lent = ""
        only = self.told[0]
        scale = only.places if only.kind in _OVER_PLACES else only.values
        if len(self.told) == 1 and only.name and not scale.label.name and not only.name.isdigit():
            self.lent, only.name = only.name, ""

    @property
    def main(self) -> Mark:
        """Return the mark that names the chart."""
        return self.marks[0]

    @cached_property
    def where(self) -> Writer | None:
        """Return what writes the places of everything in the panel."""
        places = [mark.positions for mark in self._placed if mark.positions.size]
        if not places or self.main.kind in _OVER_PLACES:
            return None
        every = places[0] if len(places) == 1 else _together(places)
        bars = isinstance(self.main, Bars)
        return attempt(self.main.places.writer, self.voice, every, positions=True, bars=bars, default=None)

    @property
    def _placed(self) -> list[Mark]:
        kinds = Series | Bars | Band | Stack | Groups
        return [mark for mark in self.marks if isinstance(mark, kinds) and mark.upright == self.main.upright]

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """Return the first and the last place, where they are told once for everything."""
        if (
            self.where is None
            or not (self.where.ordered and self.where.spans)
            or isinstance(self.main, Groups)
            or self.shape
        ):
            return None
        ends = [
            (float(mark.positions.min()), float(mark.positions.max())) for mark in self._placed if mark.positions.size
        ]
        many = sum(1 for mark in self.told if isinstance(mark, Series)) > 1 or self.several
        if not (many or self._has_many_places):
            return None
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        return (low, high) if low < high else None

    @property
    def _has_many_places(self) -> bool:
        broad = any(isinstance(mark, Band | Stack) or mark.kind == "points" for mark in self.told)
        return broad or (
            isinstance(self.main, Bars) and len(self.main.x) > _LISTED and bool(self.where and self.where.by)
        )

    def clauses(self, detail: int) -> list[str]:
        """Return what there is to say about everything in the panel."""
        telling = Telling(voice=self.voice, detail=detail, where=self.where, span=self.span, bounds=self._bounds())
        return list(attempt(lambda: [*clauses_of(self.told, telling)], default=[]))

    def _bounds(self) -> dict[int, Floats]:
        """Return what each value scale shows of all marks; from zero where bars stand on it."""
        bounds: dict[int, Floats] = {}
        for scale in {id(mark.values): mark.values for mark in self.told}.values():
            marks = [mark for mark in self.told if mark.values is scale]
            ends = extent(marks)
            grounded = any(isinstance(mark, Bars) and mark.kind != "ranges" for mark in marks)
            if ends is not None:
                bounds[id(scale)] = np.array([min(ends[0], 0), max(ends[1], 0)] if grounded else ends)
        return bounds

    def intro(self) -> str:
        """Return "line chart of CO2 in ppm by month, on a logarithmic scale"."""
        if isinstance(self.main, Sheet):
            return sheet_intro(self.main, self.voice)
        kind = self.voice.say(f"kind_{self.main.kind}")
        text = self._with_measure(self.voice.say(self.shape, kind=kind) if self.shape else kind)
        text = self._with_scales(self._with_time(self._with_places(text)))
        parts = [*parts_of(self.marks, self.voice), *self.extra]
        return self.voice.say("intro_with", intro=text, parts=self.voice.join(parts)) if parts else text

    @cached_property
    def measured(self) -> Scale | None:
        """Return the scale of what the chart is about, None where the clauses say it."""
        if self.main.kind in _NO_MEASURE or self.main.frame.side or isinstance(self.main, Solid):
            return None
        if isinstance(self.main, Grid):
            return shade_scale(self.marks)
        return self.main.places if self.main.kind in _OVER_PLACES else self.main.values

    def forget_measure(self) -> None:
        """Leave the measure out of the introduction: it would be one panel's among others."""
        self.lent, self.measured = "", None

    def forget_places(self) -> None:
        """Leave out of the introduction what the chart goes along: other panels go along something else."""
        self._has_common_places = False

    def _with_measure(self, text: str) -> str:
        scale = self.measured
        label = scale.label if scale is not None else Label("", "")
        if self.main.kind == "ranges" and not label.unit:  # "ranges of hour"
            return text
        if self.lent:
            unit = label.unit if scale is not None and not scale.unit_is_attached else ""
            measure = self.voice.say("measure", name=self.lent, unit=unit) if unit else self.lent
            return self.voice.say("intro_of", kind=text, measure=measure)
        if scale is not None and label.name:
            return self.voice.say("intro_of", kind=text, measure=measure_text(self.voice, scale))
        if scale is not None and label.unit and not scale.unit_is_attached and self.main.kind != "scatter":
            return self.voice.say("intro_in", kind=text, unit=label.unit)
        return text

    def _with_places(self, text: str) -> str:
        if not self._has_common_places or self.main.kind in _NO_MEASURE | _OVER_PLACES or isinstance(self.main, Solid):
            return text
        if isinstance(self.main, Grid):
            names = [measure_text(self.voice, scale) for scale in (self.main.frame.x, self.main.frame.y)]
            names = [name for name in names if name] if self.main.kind != "calendar" else []
            return self.voice.say("intro_by", intro=text, axis=self.voice.join(names)) if names else text
        if self.main.kind == "scatter":
            axis = measure_text(self.voice, self.main.places)
            return self.voice.say("intro_against", intro=text, axis=axis) if axis and self.measured_name else text
        if self.main.kind == "points" and self.main.places.is_dates:  # moments have no step
            return text
        axis = (self.where.by if self.where else "") or self._places_name
        return self.voice.say("intro_by", intro=text, axis=axis) if axis else text

    @property
    def measured_name(self) -> str:
        """Return the name of what the chart is about."""
        return self.measured.label.name if self.measured is not None else ""

    @property
    def _places_name(self) -> str:
        names = (measure_text(self.voice, mark.places) for mark in self.marks if mark.upright == self.main.upright)
        return next(filter(None, names), "")

    def _with_time(self, text: str) -> str:
        if self.where is None or self.main.kind in _NO_MEASURE:
            return text
        if self.span is not None:
            first, last = self.where.span(*self.span)
            return self.voice.say("intro_span", intro=text, first=first, last=last)
        return self.voice.say("intro_when", intro=text, when=self.where.context) if self.where.context else text

    def _with_scales(self, text: str) -> str:
        if isinstance(self.main, Grid):
            return text
        values, places = self.main.values.logarithmic, self.main.places.logarithmic
        word = {(True, False): "intro_log", (False, True): "intro_log_x", (True, True): "intro_log_both"}.get(
            (values, places) if self.main.upright else (places, values)
        )
        return self.voice.say(word, intro=text) if word else text


def one_sentence(intro: str, clauses: Sequence[str], voice: Voice) -> str:
    """Return introduction and clauses as one sentence; as several where a clause has a colon of its own."""
    if any(": " in clause for clause in clauses):
        return " ".join(map(sentence, [intro, *clauses]))
    body = voice.say("clause_separator").join(clauses)
    return sentence(voice.say("intro_colon", intro=intro, body=body) if clauses else intro)


def _together(places: Sequence[Floats]) -> Floats:
    """Return all places once; series over the same ones need no sorting."""
    first = places[0]
    if all(len(part) == len(first) and part[0] == first[0] and part[-1] == first[-1] for part in places):
        return first
    return np.unique(np.concatenate(places))
