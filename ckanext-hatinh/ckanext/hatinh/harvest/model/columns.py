"""Short forms of the column types that the tables share."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
"""A point in time with its zone."""

Json = Annotated[dict[str, Any], mapped_column(JSONB, default=dict)]
JsonList = Annotated[list[Any], mapped_column(JSONB, default=list)]
JsonOrNone = Annotated[
    dict[str, Any] | None, mapped_column(JSONB(none_as_null=True), nullable=True)
]


class Packed(sa.types.TypeDecorator[Any]):
    """JSONB of large values that no statement looks into: read and written by msgspec.

    That is several times as quick as ``json``, by which psycopg2 reads every JSONB otherwise.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """A value as text."""
        return _packed

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Text as a value."""
        return _unpacked

    def column_expression(self, column: Any) -> Any:
        """Text, which psycopg2 leaves as it is."""
        return sa.type_coerce(sa.cast(column, sa.Text), self)


def _packed(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _unpacked(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


PackedDict = Annotated[dict[str, Any], mapped_column(Packed, default=dict)]
PackedList = Annotated[list[Any], mapped_column(Packed, default=list)]
PackedOrNone = Annotated[dict[str, Any] | None, mapped_column(Packed, nullable=True)]


def iso(moment: datetime | None) -> str | None:
    """The form of a point in time that the API gives."""
    return moment.isoformat() if moment else None
