"""Short forms of the column types that the tables share."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
"""A point in time with its zone."""

Json = Annotated[dict[str, Any], mapped_column(JSONB, default=dict)]
JsonList = Annotated[list[Any], mapped_column(JSONB, default=list)]
JsonOrNone = Annotated[
    dict[str, Any] | None, mapped_column(JSONB(none_as_null=True), nullable=True)
]


def iso(moment: datetime | None) -> str | None:
    """The form of a point in time that the API gives."""
    return moment.isoformat() if moment else None
