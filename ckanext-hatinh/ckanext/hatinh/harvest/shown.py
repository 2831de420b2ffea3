"""The JSON forms of sources, problems and trials that pages, command line and API share."""

from collections.abc import Mapping
from typing import Any

from ckanext.hatinh.harvest import forms, secrets, sources
from ckanext.hatinh.harvest.health import Health, public_run
from ckanext.hatinh.harvest.model.columns import iso
from ckanext.hatinh.harvest.model.outbox import refusal
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.trial import Previewed, Tested
from ckanext.hatinh.shared.vocabulary import problem_texts
from harvesters import schedule
from harvesters.config import kind_faults
from hatinh.errors import SchemaError
from hatinh.messages import describe, locate
from hatinh.problem import Problem, error
from hatinh.text import Text

NOT_GIVEN = Text("Chưa khai báo: {what}", "Not given yet: {what}")


def public_source(source: HarvestSource, health: Health) -> dict[str, Any]:
    """What everybody may know: whose source it is and how it is."""
    return {
        "name": source.name,
        "kind": source.kind,
        "title": source.title,
        "owner": source.owner,
        "active": source.active,
        "health": health.public(),
        "last_run": public_run(health.last) if health.last else None,
    }


def whole_source(source: HarvestSource, health: Health) -> dict[str, Any]:
    """What the owner's officers see; secrets are only said to be set."""
    return public_source(source, health) | {
        "url": source.url,
        "allow_private": source.allow_private,
        "defaults": source.defaults,
        "options": source.options,
        "secrets": secrets.masked(secret_names(source)),
        "schedule": source.schedule,
        "schedule_words": schedule.explain(source.schedule).as_dict(),
        "policy": source.policy,
        "local_fields": source.local_fields,
        "approval": source.approval,
        "origin": source.origin,
        "created": iso(source.created),
        "modified": iso(source.modified),
        "health": health.whole(),
        "faults": [text.as_dict() for text in faults(source)],
    }


def secret_names(source: HarvestSource) -> list[str]:
    """Names of the secrets that are set. A source whose key is lost has none that can be used."""
    try:
        return sorted(sources.config_of(source).secrets)
    except SchemaError:
        return []


def faults(source: HarvestSource) -> list[Text]:
    """What is missing or wrong before the source can run."""
    form, known = forms.form_of(source.kind), secret_names(source)
    given = (*source.options, *known)
    missing = [f for f in (*form.options, *form.secrets) if f.required and f.name not in given]
    if missing:
        return [_filled(NOT_GIVEN, field.label) for field in missing]
    row = {"kind": source.kind, "options": source.options, "secrets": dict.fromkeys(known)}
    return [Text(fault, fault) for fault in kind_faults(row)]


def problem(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored problem with its reason, its mend and its place in both languages."""
    found = Problem.from_dict(stored)
    said = {lang: describe(found, lang, problem_texts()) for lang in ("vi", "en")}
    return {
        **stored,
        "reason": {lang: reason for lang, (reason, _) in said.items()},
        "mend": {lang: mend for lang, (_, mend) in said.items()},
        "place": {lang: locate(found.path, lang, problem_texts()) for lang in said},
    }


def whole_run(run: HarvestRun) -> dict[str, Any]:
    """What the officers of its source see of a run, with words for its error and its guard."""
    whole = run.as_dict()
    if run.error:
        whole["error"] = {**run.error, **_told(run.error, run.source)}
    whole["guard"] = [{**reason, **_told(reason, run.source)} for reason in run.guard]
    return whole


def _told(fault: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Words for something that has a code and, beside it, its parameters."""
    params = {name: value for name, value in fault.items() if name not in ("code", "text")}
    found = error(str(fault["code"]), "$", source, detail=fault.get("text", ""), **params)
    told = problem(found.as_dict())
    return {"reason": told["reason"], "mend": told["mend"]}


def tested(result: Tested) -> dict[str, Any]:
    """The outcome of a test."""
    return {
        "ok": result.ok,
        "steps": [
            {"name": step.name, "title": step.title.as_dict(), "ok": ok}
            for step, ok in result.steps
        ],
        "error": problem(result.fault.as_dict()) if result.fault else None,
    }


def index_refusal() -> dict[str, Any] | None:
    """That the index takes no document, as a problem with its words; nothing while it does."""
    found = refusal()
    if found is None:
        return None
    since = f"{found.since.astimezone(schedule.LOCAL_TIME):%H:%M %d/%m/%Y}"
    told = error("index-refused", "$", found.reason, since=since, number=found.waiting)
    return problem(told.as_dict())


def not_yet(source: HarvestSource) -> dict[str, Any] | None:
    """Why a source cannot be called at all: what is still missing or wrong in it."""
    found = faults(source)
    if not found:
        return None
    told = problem(error("source-misconfigured", "$", source.name).as_dict())
    mend = {"vi": "; ".join(f.vi for f in found), "en": "; ".join(f.en or f.vi for f in found)}
    return {**told, "mend": mend}


def previewed(record: Previewed) -> dict[str, Any]:
    """One record of a preview."""
    return {
        "guid": record.guid,
        "title": record.title,
        "taken": record.taken,
        "problems": [problem(found.as_dict()) for found in record.problems],
    }


def _filled(text: Text, what: Text) -> Text:
    return Text(text.vi.format(what=what.vi), text.en.format(what=what.en or what.vi))
