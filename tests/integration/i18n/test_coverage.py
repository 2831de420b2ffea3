"""How much of what CKAN and we say to people the portal says in Vietnamese."""

from pathlib import Path

import ckan
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from ckan.tests.helpers import CKANTestApp

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "ckanext-hatinh/ckanext/hatinh"
OURS = PACKAGE / "i18n"
CKAN = Path(ckan.__file__).parent / "i18n"
# The parts of CKAN that the portal runs, without the pages for developers.
SHOWN = (
    "ckan/",
    *(f"ckanext/{name}/" for name in ("activity", "datastore", "imageview", "textview")),
)
HIDDEN = ("ckan/templates/development/", "ckan/templates/tests/")


def read(path: Path, locale: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def is_shown(name: str) -> bool:
    return name.startswith(SHOWN) and not name.startswith(HIDDEN)


def in_vietnamese() -> set[str]:
    catalogues = (
        read(CKAN / "vi/LC_MESSAGES/ckan.po", "vi"),
        read(OURS / "vi/LC_MESSAGES/ckanext-hatinh.po", "vi"),
    )
    return {key(m) for catalogue in catalogues for m in catalogue if any(m.string or ())}


def test_what_ckan_shows_is_in_vietnamese() -> None:
    """Of the texts of CKAN that a reader can meet, 98 % at least are in Vietnamese."""
    shown = {
        key(message)
        for message in read(CKAN / "ckan.pot")
        if any(is_shown(name) for name, _ in message.locations)
    }
    lacking = sorted(shown - in_vietnamese())
    assert len(shown) > 900
    assert len(lacking) <= 0.02 * len(shown), lacking


def test_every_text_of_ours_is_in_vietnamese() -> None:
    """What our code and pages say is in the catalogue; `config/update_catalogue.py` adds it."""
    with (ROOT / "config/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(PACKAGE, methods, options)
    texts = {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}
    assert sorted(texts - in_vietnamese()) == []


@pytest.mark.usefixtures("portal")
def test_a_page_speaks_the_language_of_its_address(app: CKANTestApp) -> None:
    """Our wording of CKAN's own texts reaches the reader, in either language."""
    vietnamese, english = app.get("/group/").text, app.get("/en/group/").text
    assert "Chuyển đến nội dung chính" in vietnamese
    assert "Skip to main content" in english
    assert "Chủ đề" in vietnamese
    assert "Themes" in english
