"""Translations: every message in every language, whole, compiled, and said."""

import gettext
import io
import re
from functools import partial

import pytest
from django.utils import translation
from django.utils.translation import npgettext, pgettext
from matplotlib.figure import Figure

from charts.drawing.describing import describe
from tests import catalogues
from tests.catalogues import Message

LANGUAGES = list(catalogues.PLURALS)
# Forms that stand for one number alone need not say it: Arabic has words for none, one and two.
UNSAID = {"ar": 3, "de": 0, "fr": 0}


@pytest.fixture(scope="module")
def said() -> set[Message]:
    return set(catalogues.messages())


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|%%", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_no_other(language: str, said: set[Message]) -> None:
    entries = catalogues.read(language).entries
    assert len(said) > 300
    assert set(entries) == said, "run `python -m tests.catalogues`, and translate what it names"
    assert not [message.text for message, texts in entries.items() if not all(texts)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_says_all_that_the_message_says(language: str) -> None:
    catalogue = catalogues.read(language)
    wrong = []
    for message, texts in catalogue.entries.items():
        assert len(texts) == (catalogue.plurals if message.plural else 1), message
        for form, text in enumerate(texts):
            missing = placeholders(message.plural or message.text) - placeholders(text)
            wrong += [text] if placeholders(text) - placeholders(message.text + message.plural) else []
            wrong += [text] if len(missing) > (form < UNSAID[language] and bool(message.plural)) else []
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    catalogue = catalogues.read(language)
    content = (catalogue.folder / "django.mo").read_bytes()
    assert content == catalogue.compiled(), "run `python -m tests.catalogues`"
    found = gettext.GNUTranslations(io.BytesIO(content))
    one = Message("alt text", "%(count)s point", "%(count)s points")
    assert found.npgettext(one.context, one.text, one.plural, 1) == catalogue.entries[one][language == "ar"]
    assert found.gettext("stale") == catalogue.entries[Message("", "stale")][0]


@pytest.mark.parametrize(
    ("language", "numbers", "forms"),
    [("de", (0, 1, 2), 2), ("fr", (0, 1, 2), 2), ("ar", (0, 1, 2, 3, 11, 100), 6)],
)
def test_counts_take_the_forms_of_their_language(language: str, numbers: tuple[int, ...], forms: int) -> None:
    with translation.override(language):
        said = [npgettext("alt text", "%(count)s line", "%(count)s lines", number) for number in numbers]
    assert len(set(said)) == forms
    assert "lines" not in " ".join(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_to_django_django_says(language: str) -> None:
    with translation.override(language):
        assert not [text for text in catalogues.OF_DJANGO if translation.gettext(text) == text]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Umsatz. Liniendiagramm „Euro“: steigt von 1.200 auf 3.400."),
        ("fr", "Umsatz. Courbe «\xa0euro\xa0»\xa0: monte de 1\xa0200 à 3\xa0400."),
        ("ar", "Umsatz. مخطط خطي «euro»: ارتفاع من 1.200 إلى 3.400."),
    ],
)
def test_alt_texts_are_said_in_the_language_of_the_chart(language: str, sentence: str) -> None:
    axes = Figure().subplots()
    axes.plot([0, 1, 2], [1200, 2500, 3400.5])
    axes.set(title="Umsatz", ylabel="Euro")
    with translation.override(language):
        told = describe(axes.figure, translate=partial(pgettext, "alt text"), count=partial(npgettext, "alt text"))
    assert told == sentence
