"""How well the values of a column fit an element: a share from 0 to 1, or nothing to say."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from hatinh.dictionary.model import CodeList, Datatype, Element
from hatinh.dictionary.suggest_hints import Hints
from hatinh.text import clean, fold, parse_date

_NUMBER = re.compile(r"[+-]?(\d{1,3}([., ]\d{3})+([.,]\d+)?|\d+([.,]\d+)?) ?%?")
_PERIOD = re.compile(r"(19|20)\d\d([1-4]|0[1-9]|1[0-2])?")
_URL = re.compile(r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)*\.(vn|com|net|org)(/\S*)?")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{1,2}-\d{1,2}")
_TIME = re.compile(r"[ T]\d{1,2}(:\d{2}){1,2}\S*$|^\d{1,2}(:\d{2}){1,2} ")
_TICK = re.compile(r"x|v|có|không|yes|no|true|false", re.IGNORECASE)
_LOCAL_WORDS = re.compile(r"^(p|x|tt|tp|tx)\.? ?(?=[^\W\d_]{2})", re.IGNORECASE)
_TEXTUAL = re.compile(
    r"^(Ten|HoVaTen|Nguoi|DiaChi|Loai|DonVi|TinhTrang|LinhVuc|ChuDauTu|NhaThau|Noi|Nguon|MoTa|Nganh)"
)
_NUMERIC = frozenset({Datatype.INTEGER, Datatype.DECIMAL})
_LOOKED_AT = 1000
_LONG_NUMBER = 8
_PHONE = re.compile(r"(0|[+]?84)\d{9,10}|1[89]00\d{4,6}")
_GAPS = re.compile(r"[ ().-]")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True)
class Sample:
    """Different values of a column, cleaned, without blanks."""

    values: tuple[str, ...]
    fits: dict[str, float | None] = field(default_factory=dict, compare=False)
    """What :meth:`Judge.fit` found, by element."""

    @classmethod
    def of(cls, cells: Iterable[object], hints: Hints) -> "Sample":
        """The first values of these cells; what stands for an unknown value is left out."""
        cleaned = (_text(cell) for cell in islice(cells, _LOOKED_AT))
        known = (value for value in cleaned if value and value.lower() not in hints.blank)
        return cls(tuple(dict.fromkeys(known)))

    def share(self, test: Callable[[str], object]) -> float:
        """Part of the values that pass a test; 0 when there are none."""
        return sum(map(bool, map(test, self.values))) / len(self.values) if self.values else 0.0

    @cached_property
    def numbers(self) -> float:
        """Part of the values that are numbers in either notation."""
        return self.share(_NUMBER.fullmatch)

    @cached_property
    def dates(self) -> float:
        """Part of the values that are days, with or without the time."""
        return self.share(is_date)

    @cached_property
    def ticks(self) -> float:
        """Part of the values that only say yes or no."""
        return self.share(_TICK.fullmatch)

    @cached_property
    def years(self) -> float:
        """Part of the values that are years, quarters or months."""
        return self.share(_PERIOD.fullmatch)


def _text(cell: object) -> str:
    """A cell as text; spreadsheets keep whole numbers with a fraction of zero."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(cell)


@dataclass(frozen=True)
class Judge:
    """Knows the code lists and looks that values are held against."""

    lists: Mapping[str, CodeList]
    hints: Hints

    def fit(self, sample: Sample, element: Element) -> float | None:
        """Part of the values that have the element's form; ``None`` when nothing can be said."""
        if element.id not in sample.fits:
            sample.fits[element.id] = self._fit(sample, element)
        return sample.fits[element.id]

    def _fit(self, sample: Sample, element: Element) -> float | None:
        if not sample.values:
            return None
        tests = [test for test in (self._by_form(sample, element), self._by_looks(sample, element))
                 if test is not None]  # fmt: skip
        return max(tests) if tests else _by_kind(sample, element)

    def _by_form(self, sample: Sample, element: Element) -> float | None:
        """By datatype, pattern and code list."""
        if element.code_list:
            return sample.share(lambda value: fold(value) in self._words(element.code_list))
        if element.datatype in _NUMERIC:
            return _numeric(sample, element)
        if element.datatype is Datatype.DATE:
            return sample.dates
        if element.datatype is Datatype.URL:
            return sample.share(_URL.fullmatch)
        if not element.pattern:
            return None
        pattern = re.compile(element.pattern)
        return sample.share(lambda value: pattern.search(value) or pattern.search(_refilled(value)))

    def _by_looks(self, sample: Sample, element: Element) -> float | None:
        if words := self.hints.named_by.get(element.id):
            return sample.share(lambda value: self._is_named(value, words))
        looks = self.hints.looks.get(element.id)
        return sample.share(looks.shown_by) if looks else None

    def vague(self, sample: Sample, element: Element) -> bool:
        """Whether a misfit means little: texts held against looks, which no list exhausts."""
        formed = element.code_list or element.pattern or element.id in self.hints.named_by
        if formed or element.datatype is not Datatype.STRING:
            return False
        return max(sample.numbers, sample.dates) < 0.5

    def _is_named(self, value: str, list_id: str) -> bool:
        words = self._names(list_id)
        return fold(value) in words or fold(_LOCAL_WORDS.sub("", value)) in words

    @cached_property
    def _cache(self) -> dict[str, frozenset[str]]:
        return {}

    def _words(self, list_id: str) -> frozenset[str]:
        """Codes and names of a list, of any day."""
        if list_id not in self._cache and list_id in self.lists:
            codes = frozenset(fold(code.code) for code in self.lists[list_id])
            self._cache[list_id] = codes | self._names(list_id)
            if list_id == "admin_units":
                self._cache[list_id] = frozenset(c for c in codes if len(c) == 5)
        return self._cache.get(list_id, frozenset())

    def _names(self, list_id: str) -> frozenset[str]:
        key = f"{list_id} names"
        if key not in self._cache and list_id in self.lists:
            self._cache[key] = frozenset(
                fold(name)
                for code in self.lists[list_id]
                for name in (*code.name, *code.other_names)
                if name
            )
        return self._cache.get(key, frozenset())


def proves(sample: Sample, element: Element) -> bool:
    """Whether the values have a check that chance does not pass, where the element has one."""
    if element.id == "MaSoDoanhNghiep":
        return sample.share(is_tax_code) > 0.9
    if element.id == "SoDinhDanhCaNhan":
        return sample.share(lambda value: "001" <= value[:3] <= "096") > 0.9
    if element.id == "SoDienThoai":
        return sample.share(lambda value: _PHONE.fullmatch(_GAPS.sub("", value))) > 0.9
    if element.id == "GioiTinh":
        return sample.share(str.isdecimal) < 0.1
    return True


def _refilled(value: str) -> str:
    """A long number with the zero in front that a spreadsheet took away."""
    return f"0{value}" if value.isdecimal() and len(value) >= _LONG_NUMBER else value


def is_date(value: str) -> bool:
    """A day, with or without the time of day."""
    return bool(parse_date(value) or parse_date(_TIME.sub("", value).strip()))


def is_tax_code(value: str) -> bool:
    """Whether the check digit of a tax code is right (Thông tư 105/2020/TT-BTC, phụ lục 1)."""
    digits = value.replace("-", "")
    if len(digits) not in (10, 13) or not digits.isdecimal():
        return False
    total = sum(w * int(d) for w, d in zip(_TAX_WEIGHTS, digits, strict=False))
    return 10 - total % 11 == int(digits[9])


def _numeric(sample: Sample, element: Element) -> float:
    if element.unit != "%" and sample.share(lambda value: value.endswith("%")) > 0.5:
        return 0.0
    if element.minimum is None and element.maximum is None:
        return sample.numbers
    low = float("-inf") if element.minimum is None else element.minimum
    high = float("inf") if element.maximum is None else element.maximum
    return sample.share(lambda value: any(low <= n <= high for n in _readings(value)))


def _readings(value: str) -> list[float]:
    """What a written number may be worth: ``1.234`` is 1234 or 1.234."""
    if not _NUMBER.fullmatch(value):
        return []
    bare = value.rstrip(" %").replace(" ", "")
    texts = {bare.replace(".", "").replace(",", "."), bare.replace(",", "")}
    return [float(text) for text in texts if text.count(".") < 2]


def _by_kind(sample: Sample, element: Element) -> float | None:
    """Text elements say nothing of a text; days, ticks and often numbers speak against them."""
    if element.datatype is Datatype.PERIOD:
        return sample.years
    textual = _TEXTUAL.match(element.id)
    odd = max(sample.dates, sample.ticks, sample.numbers if textual else 0)
    return 0.1 if odd > 0.8 else None
