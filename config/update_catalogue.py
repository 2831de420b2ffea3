"""Bring the catalogues in `ckanext.hatinh/i18n` up to date with the texts in the code.

Run it by path after a text was added or changed, or a `.po` file was edited:

    python config/update_catalogue.py

The template (`.pot`) holds two sorts of texts: ours, extracted here anew each time, and those
of CKAN and its extensions that the portal words itself, which stay until someone removes them.
Every language gets the texts of the template; what it does not translate is listed at the end.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ckanext-hatinh/ckanext/hatinh"
DOMAIN = "ckanext-hatinh"
OWN = "ckanext/hatinh/"


def read(path: Path, locale: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain=DOMAIN)


def write(path: Path, catalog: Catalog) -> None:
    # No line numbers: they would change the file with every edit of the code.
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_by_file=True, include_lineno=False)
    path.write_bytes(buffer.getvalue())


def is_borrowed(message: Message) -> bool:
    return any(not name.startswith(OWN) for name, _ in message.locations)


def new_template(old: Catalog) -> Catalog:
    """The borrowed texts of the old template and what the code says today."""
    template = Catalog(
        domain=DOMAIN,
        project=DOMAIN,
        version=old.version,
        header_comment=old.header_comment,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        fuzzy=False,
    )
    for message in filter(is_borrowed, old):
        places = [(name, 0) for name, _ in message.locations if not name.startswith(OWN)]
        template.add(message.id, locations=places, flags=message.flags, context=message.context)
    with (ROOT / "config/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    for name, _, text, _, context in extract_from_dir(PACKAGE, methods, options):
        template.add(text, locations=[(OWN + name, 0)], context=context)
    return template


def update_language(po: Path, template: Catalog) -> list[str]:
    """Rewrite one `.po` and its `.mo`; the texts that it does not translate."""
    locale = po.parts[-3]
    catalog = read(po, locale)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    missing = [message for message in catalog if message.id and not any(message.string or ())]
    if locale == "en":
        # English is what the code says: its catalogue holds only the texts worded otherwise.
        for message in missing:
            catalog.delete(message.id, message.context)
    write(po, catalog)
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return [] if locale == "en" else [str(message.id) for message in missing]


def main() -> int:
    pot = PACKAGE / f"i18n/{DOMAIN}.pot"
    template = new_template(read(pot))
    write(pot, template)
    missing = {
        po: update_language(po, template) for po in sorted(pot.parent.glob("*/LC_MESSAGES/*.po"))
    }
    for po, texts in missing.items():
        for text in texts:
            print(f"{po.relative_to(ROOT)}: not translated: {text}")  # noqa: T201 - its report
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
