"""Notices: what people must hear of a run, and who has seen it."""

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import JsonList, Moment


class HarvestNotice(tk.BaseModel):
    """One piece of news of a run (``failed``, ``recovered``, ``waiting``, ``partly``), told once.

    ``seen`` lists the ids of the users who have seen it; ``mailed`` is when it was sent.
    """

    __tablename__ = "hatinh_harvest_notice"
    __table_args__ = (sa.UniqueConstraint("run_id", "kind"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[str] = mapped_column(sa.ForeignKey("hatinh_harvest_run.id", ondelete="CASCADE"))
    kind: Mapped[str]
    created: Mapped[Moment] = mapped_column(server_default=sa.func.now())
    seen: Mapped[JsonList]
    mailed: Mapped[Moment | None]
