"""Exceptions of the domain: a broken *program or configuration*, never bad data.

Bad data is a value, see :mod:`hatinh.problem`.

    HatinhError
    ├── SchemaError        a file below schemas/ or config/ is wrong
    └── UnreadableTableError    a file cannot be read as a table at all
"""

UNFORESEEN = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What code raises at a value that nobody thought of. Caught only where one of many must not stop
the others, and logged there with its trace."""


class HatinhError(Exception):
    """Root of all exceptions of this package."""


class SchemaError(HatinhError):
    """A file that the portal ships or is configured with breaks its own rules."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class UnreadableTableError(HatinhError):
    """A file is not a table in any of the formats known here.

    ``why`` is for the log; ``reason`` is a code of the list ``unreadable_reasons``.
    """

    def __init__(self, name: str, why: str, reason: str = "not-a-table") -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why
        self.reason = reason
