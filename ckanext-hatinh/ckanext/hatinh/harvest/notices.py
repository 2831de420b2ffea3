"""What people must hear of a source (thông báo): it failed, it works again, it waits for somebody.

Each piece of news of a run is told once: in the portal to whoever looks after the source, and by
e-mail to the editors of the office that owns it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ckanext.hatinh.harvest import shown, undoing
from ckanext.hatinh.harvest.access import among, under
from ckanext.hatinh.harvest.health import BAD
from ckanext.hatinh.harvest.model.columns import iso
from ckanext.hatinh.harvest.model.notice import HarvestNotice
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource, any_source, every_source
from ckanext.hatinh.shared.letters import write_to_editors
from hatinh.text import Text

QUIET = timedelta(days=1)
"""The same failure is not told again within this time."""

FAILED, RECOVERED, WAITING, PARTLY = "failed", "recovered", "waiting", "partly"

HEADLINES = {
    FAILED: Text("Thu thập không thành công: {title}", "Harvest failed: {title}"),
    RECOVERED: Text("Nguồn đã thu thập lại được: {title}", "The source works again: {title}"),
    WAITING: Text("Lượt thu thập chờ duyệt: {title}", "A run waits for approval: {title}"),
    PARTLY: Text("Lượt thu thập khôi phục được một phần: {title}", "Rolled back in part: {title}"),
}
BODIES = {
    FAILED: "{reason}. {mend}\n\nDữ liệu đã có trên Cổng được giữ nguyên.",
    RECOVERED: "Lượt thu thập mới nhất đã hoàn thành, sau lần không thành công trước đó.",
    WAITING: "Lượt thu thập có thay đổi lớn hơn mức thông thường nên chưa ghi gì vào Cổng. "
    "Mời xem kế hoạch rồi duyệt hoặc hủy.",
    PARTLY: "{reason}. {mend}",
}
NO_REASON = {"reason": {"vi": "Lượt thu thập dừng giữa chừng"}, "mend": {"vi": ""}}
FOOT = "\n\nXem chi tiết: {url}\n\nThư này do Cổng dữ liệu mở tỉnh Hà Tĩnh gửi tự động."


def note(run: HarvestRun) -> None:
    """Keep the news of a run, if it is any; asked again it is no news. Commits."""
    kind = _news(run)
    if kind:
        row = insert(HarvestNotice).values(source=run.source, run_id=run.id, kind=kind, seen=[])
        model.Session.execute(row.on_conflict_do_nothing(index_elements=["run_id", "kind"]))
        model.Session.commit()


def send() -> int:
    """Mail what was not mailed yet; gives the number of notices. Commits after each.

    A notice is marked before its letters go out: rather one letter lost than two sent.
    """
    done = 0
    while notice := _claim():
        source = any_source(notice.source)
        if source is not None:
            _mail(notice, source)
        done += 1
    return done


def of_user(user: str, limit: int) -> list[dict[str, Any]]:
    """The newest notices of the sources that a user looks after, with ``seen``."""
    mine = _sources_of(user)
    account = model.User.get(user)
    if not mine or account is None:
        return []
    query = sa.select(HarvestNotice).where(HarvestNotice.source.in_(mine))
    query = query.order_by(HarvestNotice.id.desc()).limit(limit)
    return [_shown(notice, mine, account.id) for notice in model.Session.scalars(query)]


def unseen(user: str, offices: frozenset[str]) -> int:
    """How many notices of the sources of some offices a user has not seen; one statement."""
    who = sa.select(model.User.id).where(model.User.name == user).scalar_subquery()
    query = (
        sa.select(HarvestSource.owner, sa.func.count())
        .join(HarvestNotice, HarvestNotice.source == HarvestSource.name)
        .where(~HarvestNotice.seen.contains(sa.func.jsonb_build_array(who)))
        .group_by(HarvestSource.owner)
    )
    counts = dict(model.Session.execute(query).tuples().all())
    return sum(counts[owner] for owner in under(offices, counts))


def mark_seen(user: str, notice: int | None = None) -> None:
    """Note that a user has seen one notice, or all of those he or she looks after. Commits."""
    account, mine = model.User.get(user), _sources_of(user)
    if account is None:
        return
    change = (
        sa.update(HarvestNotice)
        .where(HarvestNotice.source.in_(mine), ~HarvestNotice.seen.contains([account.id]))
        .values(seen=HarvestNotice.seen + sa.func.jsonb_build_array(account.id))
    )
    if notice is not None:
        change = change.where(HarvestNotice.id == notice)
    model.Session.execute(change)
    model.Session.commit()


# -- what is news -----------------------------------------------------------------------------


def _news(run: HarvestRun) -> str:
    if run.state == RunState.WAITING:
        return WAITING
    if run.state in BAD:
        return "" if _is_told(run) else FAILED
    if run.state == RunState.COMPLETE and _before(run) in BAD:
        return RECOVERED
    if undoing.left_out(run):
        return PARTLY
    return ""


def _is_told(run: HarvestRun) -> bool:
    """Whether the same failure was told within a day, and nothing has worked since."""
    if _before(run) not in BAD:
        return False
    told = (
        sa.select(sa.func.max(HarvestNotice.created))
        .join(HarvestRun, HarvestRun.id == HarvestNotice.run_id)
        .where(HarvestNotice.source == run.source, HarvestNotice.kind == FAILED)
        .where(HarvestNotice.run_id != run.id)
        .where(HarvestRun.error["code"].astext.is_not_distinct_from((run.error or {}).get("code")))
    )
    last = model.Session.scalar(told)
    return last is not None and datetime.now(UTC) - last < QUIET


def _before(run: HarvestRun) -> str | None:
    """How the run before ended, those set aside by people left out."""
    query = (
        sa.select(HarvestRun.state)
        .where(HarvestRun.source == run.source, HarvestRun.queued < run.queued)
        .where(HarvestRun.state.in_((*BAD, RunState.COMPLETE.value)))
        .order_by(HarvestRun.queued.desc())
        .limit(1)
    )
    return model.Session.scalar(query)


def _sources_of(user: str) -> dict[str, HarvestSource]:
    if not user:
        return {}
    found = every_source()
    mine = among(user, (source.owner for source in found))
    return {source.name: source for source in found if source.owner in mine}


# -- telling it -------------------------------------------------------------------------------


def _shown(
    notice: HarvestNotice, sources: dict[str, HarvestSource], user_id: str
) -> dict[str, Any]:
    title = sources[notice.source].title
    words = HEADLINES[notice.kind]
    return {
        "id": notice.id,
        "kind": notice.kind,
        "source": notice.source,
        "run_id": notice.run_id,
        "created": iso(notice.created),
        "seen": user_id in notice.seen,
        "headline": {
            "vi": words.vi.format(title=title["vi"]),
            "en": words.en.format(title=title.get("en") or title["vi"]),
        },
    }


def _claim() -> HarvestNotice | None:
    query = sa.select(HarvestNotice).where(HarvestNotice.mailed.is_(None))
    notice = model.Session.scalar(
        query.order_by(HarvestNotice.id).limit(1).with_for_update(skip_locked=True)
    )
    if notice is not None:
        notice.mailed = datetime.now(UTC)
    model.Session.commit()
    return notice


def _mail(notice: HarvestNotice, source: HarvestSource) -> None:
    subject = HEADLINES[notice.kind].vi.format(title=source.title["vi"])
    write_to_editors(source.owner, subject, _body(notice))


def _body(notice: HarvestNotice) -> str:
    run = run_by_id(notice.run_id)
    failure = (shown.whole_run(run)["error"] if run else None) or NO_REASON
    url = tk.url_for("hatinh_harvest_runs.run", run_id=notice.run_id, _external=True)
    text = BODIES[notice.kind].format(reason=failure["reason"]["vi"], mend=failure["mend"]["vi"])
    return text + FOOT.format(url=url)
