"""Finding elements and lists by words, with or without Vietnamese marks. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator

from hatinh.dictionary.model import CodeList, Element
from hatinh.text import clean, fold, slug


def elements(words: str, found: Iterable[Element]) -> list[Element]:
    """The elements that all the words fit, the closest first; all of them without words."""
    ranked = ((_rank(words, element.id, _names(element)), element) for element in found)
    fitting = [(rank, element) for rank, element in ranked if rank]
    return [e for _, e in sorted(fitting, key=lambda pair: (-pair[0], slug(pair[1].name.vi)))]


def code_lists(words: str, found: Iterable[CodeList]) -> list[CodeList]:
    """The lists whose names, or whose codes, fit all the words."""
    ranked = ((_rank(words, one.id, _list_names(one)), one) for one in found)
    fitting = [(rank, one) for rank, one in ranked if rank]
    return [one for _, one in sorted(fitting, key=lambda pair: (-pair[0], slug(pair[1].title.vi)))]


def _names(element: Element) -> Iterator[str]:
    yield from (element.name.vi, element.name.en, *element.synonyms)
    yield from (element.definition.vi, element.definition.en, element.field_name)


def _list_names(code_list: CodeList) -> Iterator[str]:
    yield from (code_list.title.vi, code_list.title.en)
    for code in code_list:
        yield from (code.code, code.name.vi, code.name.en)


def _rank(words: str, key: str, names: Iterable[str]) -> int:
    """How well words fit: 0 not at all, more for the name itself and for the very marks."""
    asked = unicodedata.normalize("NFC", clean(words)).casefold()
    if not asked or asked == key.casefold():
        return 9
    written = [name.casefold() for name in (key, *names) if name]
    bare, text = fold(asked), " | ".join(fold(name) for name in written)
    if not all(word in text for word in bare.split()):
        return 0
    first = fold(written[1]) if len(written) > 1 else ""
    exact = all(word in " | ".join(written) for word in asked.split())
    return 1 + 4 * (bare == first) + 2 * first.startswith(bare) + exact
