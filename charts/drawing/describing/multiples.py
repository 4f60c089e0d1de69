"""Panels that are alike told as one: what each is, then a clause a panel, or names and the range of all.

Imports matplotlib: only imported when a figure is described.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from charts.drawing.describing.kinds import clauses_of
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Mark, Telling, extent
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.scales import NO_LABEL
from charts.drawing.describing.stories import Story, one_sentence
from charts.drawing.describing.wording import sentence

TOLD = 4  # panels told one by one
_NAMED = 12
_AGAINST = {"scatter", "hexbin", "heatmap", "contour"}  # what shows one variable against another
_VALUED = {"bars", "barh", "grouped", "stacked", "line", "step", "stem", "points", "area", "stack", "band", "box"}


def are_alike(stories: Sequence[Story]) -> bool:
    """Return whether panels are of one kind, their places written in one way."""
    return len({(story.main.kind, story.where.by if story.where else "") for story in stories}) == 1


def panel_names(stories: Sequence[Story], titles: Sequence[str], voice: Voice) -> list[str]:
    """Return the panels' titles, or what each is about, or their numbers."""
    told = [title or story.lent or story.measured_name for title, story in zip(titles, stories, strict=True)]
    if all(told) and len(set(told)) == len(told):
        return told
    return [title or _numbered(voice, at) for at, title in enumerate(titles, 1)]


def _numbered(voice: Voice, number: int) -> str:
    return voice.say("number_of", noun=voice.say("noun_panel"), number=number)


def listed(text: str, names: Sequence[str], voice: Voice, detail: int) -> str:
    """Return "5 panels: North, South…", without names that are only numbers."""
    if detail > 3 or names[0] == _numbered(voice, 1):
        return text
    return voice.say("panels_named", panels=text, names=voice.some(names, _NAMED if detail < 2 else 3))


def paired_names(stories: Sequence[Story]) -> list[str]:
    """Return the variables that panels show, each against each other one; none where it is not every pair of them."""
    frames = [story.main.frame for story in stories if story.main.kind in _AGAINST]
    pairs = [(frame.y.label.name, frame.x.label.name) for frame in frames]
    names = list(dict.fromkeys(itertools.chain.from_iterable(pairs)))
    every = {frozenset(pair) for pair in itertools.combinations(names, 2)}
    rest = {story.main.places.label.name for story in stories if story.main.kind not in _AGAINST}
    is_whole = len(names) > 2 and all(names) and every <= set(map(frozenset, pairs)) and rest <= set(names)
    return names if is_whole else []


def paired(text: str, names: Sequence[str], voice: Voice, detail: int) -> str:
    """Return "9 panels: height, weight and age, each against the others"."""
    told = voice.some(names, _NAMED if detail < 2 else 3)
    return text if detail > 3 else voice.say("panels_paired", panels=text, names=told)


class Multiples:
    """Small multiples: stories of one kind, each with the name of its panel."""

    def __init__(self, stories: Sequence[Story], names: Sequence[str], voice: Voice) -> None:
        self._stories, self._voice = stories, voice
        self._best = max(stories, key=lambda story: len(story.measured_name) + len(story.intro()) / 1000)
        self._one_measure = len({story.lent or story.measured_name for story in stories} - {""}) < 2
        self._names = names if self._one_measure else [*map(self._with_unit, stories, names)]
        if not self._one_measure:
            self._best.forget_measure()
        if len({story.main.places.label for story in stories} - {NO_LABEL}) > 1:
            self._best.forget_places()
        self._series = [story.told[0] for story in stories if len(story.told) == 1]
        self._alone = len(self._series) == len(stories) and all(isinstance(mark, Series) for mark in self._series)

    def _with_unit(self, story: Story, name: str) -> str:
        """Return the name with its unit, where it is what the panel measures and numbers are written without."""
        scale = story.measured
        if scale is None or name != scale.label.name or not scale.label.unit or scale.unit_is_attached:
            return name
        return self._voice.say("measure", name=name, unit=scale.label.unit)

    def sentences(self, detail: int) -> Iterator[str]:
        """Yield the sentences in this detail."""
        intro = self._best.intro()
        intro = self._voice.count_of("panels_each", len(self._stories), intro=intro)
        few = len(self._stories) <= TOLD
        if self._alone and detail < 4 and (few or self._one_measure):
            yield self._one_series_each(intro, detail)
        elif few and detail < 2:
            yield sentence(intro)
            for story, name in zip(self._stories, self._names, strict=True):
                clause = self._voice.say("clause_separator").join(story.clauses(detail))
                yield sentence(self._voice.say("titled", name=name, clause=clause))
        else:
            yield self._summed_up(intro, detail)

    def _one_series_each(self, intro: str, detail: int) -> str:
        for mark, name in zip(self._series, self._names, strict=True):
            mark.name = name
        telling = Telling(voice=self._voice, detail=detail, where=self._best.where, span=self._best.span)
        return one_sentence(intro, list(clauses_of(self._series, telling)), self._voice)

    def _summed_up(self, intro: str, detail: int) -> str:
        text = listed(intro, self._names, self._voice, detail)
        marks: list[Mark] = [mark for story in self._stories for mark in story.told]
        bounds = extent(marks)
        if bounds is None or detail > 2 or not self._one_measure or self._best.main.kind not in _VALUED:
            return sentence(text)
        low, high = marks[0].values.writer(self._voice, np.array(bounds)).span(*bounds)
        values = self._voice.say("all_values", low=low, high=high)
        return sentence(self._voice.say("list_separator").join([text, values]))
