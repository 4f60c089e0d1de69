"""A figure's alt text: its title, its panels and its notes, in as much detail as the limit has room for.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.headings import axes_title, figure_titles, loose_texts
from charts.drawing.describing.kinds import clauses_of
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Mark, Telling, extent
from charts.drawing.describing.messages import Translate, Voice
from charts.drawing.describing.notes import sentences
from charts.drawing.describing.panels import Panel, margins_of, read_panels
from charts.drawing.describing.stories import Story
from charts.drawing.describing.wording import clean, sentence, shorten

_DETAILS = 5  # levels from everything to the kind of chart alone
_TOLD = 4  # panels told one by one
_NAMES_TOLD = 12
_VALUED = {"bars", "barh", "grouped", "stacked", "line", "step", "stem", "points", "area", "stack", "band", "box"}


def compose(figure: Any, translate: Translate, limit: int) -> str:
    """Return the most detailed alt text of the figure that keeps the limit."""
    with np.errstate(all="ignore"):  # what overflows is not told, and no reason to warn
        return _compose(figure, translate, limit)


def _compose(figure: Any, translate: Translate, limit: int) -> str:
    panels, margins = margins_of(attempt(read_panels, figure, default=[]))
    title, subtitle = attempt(figure_titles, figure, default=("", ""))
    voice = Voice(translate, names=_proper_names([title, *(panel.title for panel in panels)]))
    text = ""
    for detail in range(_DETAILS):
        words = _sentences(figure, (title, subtitle), panels, voice, detail, margins=margins)
        text = clean(" ".join(words), 100 * limit)
        if len(text) <= limit:
            return text
    return shorten(text, limit)


def _proper_names(titles: Sequence[str]) -> frozenset[str]:
    """Return the words that titles write with a capital though no sentence begins with them."""
    return frozenset(word for title in titles for word in title.split()[1:] if word.istitle())


def _sentences(
    figure: Any, titles: tuple[str, str], panels: Sequence[Panel], voice: Voice, detail: int, *, margins: bool
) -> Iterator[str]:
    title, subtitle = titles
    if title:
        yield sentence(title, as_written=True)
    if not panels:
        yield from _nothing_drawn(figure, title, voice)
    elif len(panels) == 1:
        yield from _one_panel(panels[0], titles, voice, detail, margins=margins)
    else:
        yield sentence(subtitle, as_written=True) if detail < 2 else ""
        yield from attempt(lambda: [*_several_panels(panels, voice, detail)], default=[voice.say("chart")])


def _nothing_drawn(figure: Any, title: str, voice: Voice) -> Iterator[str]:
    titles = [
        text for axes in figure.axes for text in [attempt(axes_title, axes, default="")] if text and text != title
    ]
    texts = [text for text in attempt(loose_texts, figure, default=[]) if text != title]
    yield from (sentence(text, as_written=True) for text in titles[:_TOLD])
    if texts:
        yield from (sentence(text, as_written=True) for text in texts[:_NAMES_TOLD])
    else:
        yield voice.say("chart")


def _one_panel(panel: Panel, titles: tuple[str, str], voice: Voice, detail: int, *, margins: bool) -> Iterator[str]:
    if panel.title and panel.title != titles[0]:
        yield sentence(panel.title, as_written=True)
    extra = [voice.say("margins")] if margins else []
    story = Story(voice, panel.marks, shape=panel.shape, extra=extra, subtitle=titles[1])
    yield sentence(story.subtitle, as_written=True) if detail < 2 else ""
    yield _told(story, attempt(story.intro, default=voice.say("kind_chart")), voice, detail)
    yield from _notes([panel], voice, detail)


def _told(story: Story, intro: str, voice: Voice, detail: int) -> str:
    """Return the introduction and what follows it as one sentence."""
    clauses = story.clauses(detail) if detail < _DETAILS - 1 else []
    return _one_sentence(intro, clauses, voice)


def _one_sentence(intro: str, clauses: Sequence[str], voice: Voice) -> str:
    """Return introduction and clauses as one sentence; as several where a clause has a colon of its own."""
    if any(": " in clause for clause in clauses):
        return " ".join(map(sentence, [intro, *clauses]))
    return sentence(voice.say("intro_colon", intro=intro, body="; ".join(clauses)) if clauses else intro)


def _notes(panels: Sequence[Panel], voice: Voice, detail: int) -> Iterator[str]:
    notes = list({(note.name, tuple(note.values)): note for panel in panels for note in panel.notes}.values())
    if detail < 3:
        yield from map(sentence, attempt(lambda: [*sentences(notes, Telling(voice=voice))], default=[]))


def _several_panels(panels: Sequence[Panel], voice: Voice, detail: int) -> Iterator[str]:
    stories = [Story(voice, panel.marks, shape=panel.shape, several=True) for panel in panels]
    names = _panel_names(stories, [panel.title for panel in panels], voice)
    if len({_likeness(story) for story in stories}) == 1:
        yield from _alike(stories, names, voice, detail)
    elif len(panels) <= _TOLD and detail < 3:
        yield sentence(voice.say("panels", count=len(panels)))
        for story, name in zip(stories, names, strict=True):
            intro = attempt(story.intro, default=voice.say("kind_chart"))
            yield _told(story, voice.say("panel", title=name, intro=intro) if name else intro, voice, detail)
    else:
        yield _named_panels(voice.say("panels", count=voice.count(len(panels))), names, voice, detail)
    yield from _notes(panels, voice, detail)


def _panel_names(stories: Sequence[Story], titles: Sequence[str], voice: Voice) -> list[str]:
    """Return the panels' titles, or what each is about, or their numbers."""
    told = [title or story.lent or story.measured_name for title, story in zip(titles, stories, strict=True)]
    if all(told) and len(set(told)) == len(told):
        return told
    numbered = enumerate(titles, 1)
    return [title or voice.say("number_of", noun=voice.say("noun_panel"), number=at) for at, title in numbered]


def _likeness(story: Story) -> tuple[str, str]:
    """Return what panels must share to be told as one: their kind, and how their places are written."""
    return story.main.kind, story.where.by if story.where else ""


def _named_panels(text: str, names: Sequence[str], voice: Voice, detail: int) -> str:
    if detail > 3 or names[0] == voice.say("number_of", noun=voice.say("noun_panel"), number=1):
        return sentence(text)
    told = voice.some(names, _NAMES_TOLD if detail < 2 else 3)
    return sentence(voice.say("panels_named", panels=text, names=told))


def _alike(stories: Sequence[Story], names: Sequence[str], voice: Voice, detail: int) -> Iterator[str]:
    """Yield small multiples: what each of them is, then a clause a panel, or the names and the range of all."""
    best = max(stories, key=lambda story: len(story.measured_name) + len(story.intro()) / 1000)
    if len({story.lent or story.measured_name for story in stories} - {""}) > 1:
        best.forget_measure()
    intro = voice.say("panels_each", count=voice.count(len(stories)), intro=best.intro())
    alone = [story.told[0] for story in stories if len(story.told) == 1 and isinstance(story.told[0], Series)]
    if len(alone) == len(stories):
        yield _one_series_each(intro, alone, names, best, voice, detail)
    elif len(stories) <= _TOLD and detail < 2:
        yield sentence(intro)
        for story, name in zip(stories, names, strict=True):
            yield sentence(voice.say("titled", name=name, clause="; ".join(story.clauses(detail))))
    else:
        yield _summed_up(intro, stories, names, voice, detail)


def _one_series_each(
    intro: str, marks: Sequence[Series], names: Sequence[str], best: Story, voice: Voice, detail: int
) -> str:
    for mark, name in zip(marks, names, strict=True):
        mark.name = name
    telling = Telling(voice=voice, detail=detail, where=best.where, span=best.span)
    clauses = list(clauses_of(marks, telling)) if detail < _DETAILS - 1 else []
    return _one_sentence(intro, clauses, voice)


def _summed_up(intro: str, stories: Sequence[Story], names: Sequence[str], voice: Voice, detail: int) -> str:
    text = _named_panels(intro, names, voice, detail).rstrip(".")
    marks: list[Mark] = [mark for story in stories for mark in story.told]
    bounds = extent(marks)
    measures = {story.measured_name for story in stories} - {""}
    if bounds is None or detail > 2 or len(measures) > 1 or stories[0].main.kind not in _VALUED:
        return sentence(text)
    low, high = marks[0].values.writer(voice, np.array(bounds)).span(*bounds)
    return sentence(voice.say("list_separator").join([text, voice.say("all_values", low=low, high=high)]))
