"""The catalogues keep what the program puts into a text, and are compiled."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

I18N = Path(__file__).parents[3] / "ckanext-hatinh/ckanext/hatinh/i18n"
LANGUAGES = ("en", "vi")
NAMED = re.compile(r"%\(\w+\)[a-z]|\{[^{}]*\}")
ORDERED = re.compile(r"(?<!%)%[a-z](?!\w)")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
# What a tag says to a person may be translated; everything else of it stays.
SPOKEN = re.compile(r'\s(?:title|alt|aria-label|placeholder)="[^"]*"')


def po_path(language: str) -> Path:
    return I18N / language / "LC_MESSAGES" / "ckanext-hatinh.po"


def read_catalogue(language: str) -> Catalog:
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def key(message: Message) -> str:
    """The English text; of a plural, its last form."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def source(message: Message, number: int) -> str:
    """The English text that translation `number` stands for; a lone plural stands for the last."""
    if isinstance(message.id, str):
        return message.id
    return message.id[-1] if len(texts(message)) == 1 else message.id[number]


def by_source(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    return {key(message): texts(message) for message in catalogue if message.id}


def translations(language: str) -> Iterator[tuple[str, str]]:
    for message in read_catalogue(language):
        if message.id:
            for number, text in enumerate(texts(message)):
                yield source(message, number), text


def tags(text: str) -> list[str]:
    return sorted(SPOKEN.sub("", tag) for tag in TAG.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation(language: str) -> None:
    """A catalogue holds no empty translation."""
    assert [english for english, text in translations(language) if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_named_placeholders_stay_the_same(language: str) -> None:
    """What the program fills in by name is in the translation too, in any order."""
    pairs = translations(language)
    lost = [p for p in pairs if sorted(NAMED.findall(p[0])) != sorted(NAMED.findall(p[1]))]
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordered_placeholders_keep_their_order(language: str) -> None:
    """What the program fills in by position stands in the same order."""
    pairs = translations(language)
    assert [p for p in pairs if ORDERED.findall(p[0]) != ORDERED.findall(p[1])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_stay_the_same(language: str) -> None:
    """A translation has the HTML tags and addresses of its source."""
    assert [p for p in translations(language) if tags(p[0]) != tags(p[1])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_composed_unicode(language: str) -> None:
    """Every translation is NFC, or search and comparison in a page fail."""
    pairs = translations(language)
    assert [text for _, text in pairs if not unicodedata.is_normalized("NFC", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    """A fuzzy entry is a guess, and gettext leaves it out."""
    assert [message.id for message in read_catalogue(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_says_the_same(language: str) -> None:
    """The shipped `.mo` is the one of the `.po`."""
    with po_path(language).with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert by_source(compiled) == by_source(read_catalogue(language))


def test_vietnamese_has_every_text_of_the_template() -> None:
    """The Vietnamese catalogue and the template list the same texts."""
    with (I18N / "ckanext-hatinh.pot").open("rb") as file:
        template = by_source(read_po(file))
    assert template.keys() == by_source(read_catalogue("vi")).keys()


def test_browser_texts_keep_their_places() -> None:
    """CKAN gives to the browser only the texts whose place ends in `.js`."""
    places = {name for message in read_catalogue("vi") for name, _ in message.locations}
    assert "ckanext/spatial/assets/js/spatial_query.js" in places
