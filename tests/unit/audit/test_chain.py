"""The log of auditors: whatever is done to its lines is found."""

from dataclasses import replace

from hatinh.audit.chain import Reading, check, digest


def log(length: int) -> list[Reading]:
    """A log as the database writes it."""
    lines: list[Reading] = []
    for number in range(1, length + 1):
        line = Reading(
            number, f"2026-11-22T08:00:{number:02d}+00:00", "kiem-toan", "GET",
            f"/dataset/{number}", "", 200, lines[-1].hash if lines else "", "",
        )  # fmt: skip
        lines.append(replace(line, hash=digest(line)))
    return lines


def test_log_as_it_was_written_is_whole():
    """The head is the hash of the last line, to be noted elsewhere."""
    lines = log(5)
    found = check(lines)
    assert (found.whole, found.lines, found.head) == (True, 5, lines[-1].hash)
    assert check([]).whole


def test_changed_field_is_found():
    """Each field of a line is in its hash."""
    other = {
        "at": "2026-11-22T09:00:00+00:00", "account": "khac", "method": "POST",
        "address": "/dataset/9", "asked": "{}", "status": 403, "previous": "0" * 64,
    }  # fmt: skip
    for name, value in other.items():
        lines = log(5)
        lines[2] = replace(lines[2], **{name: value})
        assert check(lines).broken == 3, name


def test_line_whose_hash_was_made_anew_breaks_the_next():
    """Who forges one line would have to forge all that follow."""
    lines = log(5)
    forged = replace(lines[2], address="/dataset/9")
    lines[2] = replace(forged, hash=digest(forged))
    assert check(lines).broken == 4


def test_line_that_is_gone_added_or_moved_is_found():
    """Numbers have no gaps."""
    lines = log(5)
    assert check(lines[:2] + lines[3:]).broken == 3
    assert check(lines[1:]).broken == 1
    assert check([lines[0], lines[2], lines[1], *lines[3:]]).broken == 2
    assert check([*lines[:3], lines[2], *lines[3:]]).broken == 4


def test_end_that_was_cut_off_is_found_by_a_noted_hash():
    """And a log that was written anew from its beginning, which is whole in itself."""
    lines = log(5)
    noted = lines[3].hash
    assert check(lines, noted).whole
    assert check(lines[:3]).whole
    assert not check(lines[:3], noted).whole
    first = replace(lines[0], account="khac")
    assert not check([replace(first, hash=digest(first))], noted).whole
