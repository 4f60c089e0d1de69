"""A figure's alt text: its title, its panels and its notes, in as much detail as the limit has room for.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from charts.drawing import artists
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.headings import axes_title, figure_titles, loose_texts
from charts.drawing.describing.marks import Telling
from charts.drawing.describing.messages import Count, Translate, Voice
from charts.drawing.describing.multiples import TOLD, Multiples, are_alike, listed, paired, paired_names, panel_names
from charts.drawing.describing.notes import sentences
from charts.drawing.describing.panels import margins_of, read_panels
from charts.drawing.describing.stories import Story, one_sentence
from charts.drawing.describing.wording import POWER, clean, sentence, shorten

_DETAILS = 5  # levels from everything to the kind of chart alone
_TEXTS_TOLD = 12


def compose(figure: Any, translate: Translate, count: Count | None, limit: int) -> str:
    """Return the most detailed alt text of the figure that keeps the limit."""
    with np.errstate(all="ignore"):  # what overflows is not told, and no reason to warn
        composition = Composition(figure, translate, count)
        text = ""
        for detail in range(_DETAILS):
            text = clean(composition.text(detail), 100 * limit)
            if len(text) <= limit:
                return text
        return shorten(text, limit)


def _proper_names(titles: Sequence[str]) -> frozenset[str]:
    """Return the words that titles write with a capital though no sentence begins with them."""
    return frozenset(word for title in titles for word in title.split()[1:] if word.istitle())


class Composition:
    """What was read of a figure, once, to be told in several details."""

    def __init__(self, figure: Any, translate: Translate, count: Count | None) -> None:
        self._figure = figure
        self._panels, margins = margins_of(attempt(read_panels, figure, default=[]))
        self._title, self._subtitle = attempt(figure_titles, figure, default=("", ""))
        titles = [panel.title for panel in self._panels]
        self._voice = Voice(translate, count=count, names=_proper_names([self._title, *titles]))
        several = len(self._panels) > 1
        extra = [self._voice.say("margins")] if margins else []
        self._stories = [
            Story(
                self._voice,
                panel.marks,
                shape=panel.shape,
                extra=extra,
                several=several,
                subtitle="" if several else self._subtitle,
            )
            for panel in self._panels
        ]
        self._names = panel_names(self._stories, titles, self._voice)
        alike = several and are_alike(self._stories)
        self._paired = attempt(paired_names, self._stories, default=[])
        self._multiples = attempt(Multiples, self._stories, self._names, self._voice, default=None) if alike else None

    def text(self, detail: int) -> str:
        """Return the sentences in this detail, powers in them said as this language says them."""
        spoken = " ".join(self.sentences(detail))
        return POWER.sub(lambda power: " " + self._voice.say("to_the_power", exponent=power[1]), spoken)

    def sentences(self, detail: int) -> Iterator[str]:
        """Yield the sentences in this detail, 0 for everything."""
        if self._title:
            yield sentence(self._title, as_written=True)
        if not self._panels:
            yield from self._nothing_drawn()
        elif len(self._panels) == 1:
            yield from self._one_panel(detail)
        else:
            yield self._said(self._subtitle, detail)
            yield from attempt(lambda: [*self._several_panels(detail)], default=[self._voice.say("chart")])
        yield from self._notes(detail)

    def _said(self, subtitle: str, detail: int) -> str:
        return sentence(subtitle, as_written=True) if detail < 2 else ""

    def _nothing_drawn(self) -> Iterator[str]:
        titles = [attempt(axes_title, axes, default="") for axes in self._figure.axes]
        texts = attempt(loose_texts, self._figure, default=[])
        written = [text for text in [*titles[:TOLD], *texts[:_TEXTS_TOLD]] if text and text != self._title]
        yield from (sentence(text, as_written=True) for text in written)
        if not texts or texts == [self._title]:
            is_empty = not attempt(artists.has_ink, self._figure, default=True)
            yield self._voice.say("chart_empty" if is_empty else "chart")

    def _one_panel(self, detail: int) -> Iterator[str]:
        panel, story = self._panels[0], self._stories[0]
        if panel.title and panel.title != self._title:
            yield sentence(panel.title, as_written=True)
        yield self._said(story.subtitle, detail)
        yield self._told(story, self._intro(story), detail)

    def _intro(self, story: Story) -> str:
        return attempt(story.intro, default=self._voice.say("kind_chart"))

    def _told(self, story: Story, intro: str, detail: int) -> str:
        """Return the introduction and what follows it; it alone in the least detail."""
        return one_sentence(intro, story.clauses(detail) if detail < _DETAILS - 1 else [], self._voice)

    def _several_panels(self, detail: int) -> Iterator[str]:
        count = self._voice.count_of("panels", len(self._panels))
        if self._paired:
            yield sentence(paired(count, self._paired, self._voice, detail))
        elif self._multiples is not None:
            yield from self._multiples.sentences(detail)
        elif len(self._panels) <= TOLD and detail < 3:
            yield sentence(count)
            for story, name in zip(self._stories, self._names, strict=True):
                intro = self._voice.say("panel", title=name, intro=self._intro(story))
                yield self._told(story, intro, detail)
        else:
            yield sentence(listed(count, self._names, self._voice, detail))

    def _notes(self, detail: int) -> Iterator[str]:
        every = [note for panel in self._panels for note in panel.notes]
        notes = list({(note.name, tuple(note.values)): note for note in every}.values())
        if notes and detail < 3:
            yield from map(sentence, attempt(lambda: [*sentences(notes, Telling(voice=self._voice))], default=[]))
