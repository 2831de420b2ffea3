"""JSON of strangers."""

import pytest

from harvesters.json_text import depth, members


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"1", 0),
        (r"[]", 1),
        (r'{"a": [1, {"b": 2}], "c": []}', 3),
        (r'{"[[[[": "]]{{\"{{{\\"}', 1),
        (r'["\\", [[]]]', 3),
    ],
)
def test_depth_counts_lists_and_objects_outside_of_texts(text: str, expected: int) -> None:
    """Brackets and quotes within texts count for nothing."""
    assert depth(text.encode()) == expected


def test_members_give_items_as_they_are_written() -> None:
    """One after the other; an empty list is told, numbers keep their digits."""
    raw = b'{"a": [1, {"b": 2.50}], "c": [], "d": "x"}'
    assert list(members(raw)) == [("a", "1"), ("a", {"b": "2.50"}), ("c", []), ("d", "x")]


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"a" 1}', b'{"a": 1', b'{"a": 1 "b": 2}', b"{} x"])
def test_members_of_what_is_no_object_are_an_error(raw: bytes) -> None:
    """Also when it breaks after the last good member."""
    with pytest.raises(ValueError, match="JSON"):
        list(members(raw))
