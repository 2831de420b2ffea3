"""The officer's desk (bàn làm việc): sources of one's office, and the guided way to a new one."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.authz import is_sysadmin
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.harvest import forms, secrets, sheet
from ckanext.hatinh.harvest.page import asked, context, enter, in_language, said
from ckanext.hatinh.shared.editors import my_offices
from ckanext.hatinh.shared.vocabulary import organizations
from harvesters import schedule
from harvesters.plan import Approval, Policy
from harvesters.registry import ADAPTERS

hatinh_harvest_desk = Blueprint(
    "hatinh_harvest_desk", __name__, url_prefix="/thu-thap/ban-lam-viec"
)

OWN_SCHEDULE = "other"
"""Value of the select box when the schedule is typed in."""
CAN_STAY_LOCAL = ("title", "notes", "keywords", "themes", *forms.DEFAULTS)
"""Fields that an officer may keep as edited in the portal."""


@hatinh_harvest_desk.before_request
def check() -> Response | None:
    """Officers only."""
    return enter()


@hatinh_harvest_desk.get("/")
def desk() -> str:
    """The sources that one looks after."""
    found = [source for source in asked("hatinh_source_list") if "url" in source]
    return tk.render("hatinh_harvest/desk.html", {"sources": found})


@hatinh_harvest_desk.get("/them")
def choose() -> str:
    """Which kind of source is to be added."""
    return tk.render("hatinh_harvest/choose.html", {"forms": forms.forms()})


@hatinh_harvest_desk.route("/them/<kind>", methods=["GET", "POST"])
def add(kind: str) -> str | Response:
    """The form of a new source."""
    if kind not in ADAPTERS:
        tk.abort(404, tk._("There is no such kind of source"))
    form = forms.form_of(kind)
    if request.method == "GET":
        return _form(form, _blank(kind), {})
    given, faults = _typed(form, {})
    if not faults:
        try:
            made = tk.get_action("hatinh_source_create")(context(), {"kind": kind, **given})
        except tk.ValidationError as err:
            faults = _by_field(err)
        except tk.NotAuthorized as err:
            tk.abort(403, str(err))
        else:
            return redirect(tk.url_for(".source", name=made["name"]))
    return _form(form, {**_blank(kind), **given}, faults)


@hatinh_harvest_desk.get("/nguon/<name>")
def source(name: str) -> str:
    """One source: how it is, what to do next, its runs."""
    return _source_page(_own(name))


@hatinh_harvest_desk.route("/nguon/<name>/sua", methods=["GET", "POST"])
def edit(name: str) -> str | Response:
    """Change a source."""
    found = _own(name)
    form = forms.form_of(found["kind"])
    if request.method == "GET":
        return _form(form, found, {})
    given, faults = _typed(form, found)
    if not faults:
        try:
            tk.get_action("hatinh_source_update")(context(), {"id": name, **given})
        except tk.ValidationError as err:
            faults = _by_field(err)
        except tk.NotAuthorized as err:
            tk.abort(403, str(err))
        else:
            tk.h.flash_success(tk._("The source has been saved"))
            return redirect(tk.url_for(".source", name=name))
    return _form(form, {**found, **given}, faults)


@hatinh_harvest_desk.post("/nguon/<name>/kiem-tra")
def test(name: str) -> str:
    """Test the connection."""
    found = _own(name)
    return _source_page(found, tested=asked("hatinh_source_test", id=name))


@hatinh_harvest_desk.post("/nguon/<name>/xem-truoc")
def preview(name: str) -> str:
    """What the first records would become."""
    found = _own(name)
    return tk.render(
        "hatinh_harvest/preview.html",
        {"source": found, "preview": asked("hatinh_source_preview", id=name)},
    )


@hatinh_harvest_desk.route("/nguon/<name>/cot", methods=["GET", "POST"])
def columns(name: str) -> str | Response:
    """What the columns of an inventory mean: the proposal, and what the officer made of it."""
    found = _own(name)
    fault = ""
    if request.method == "POST":
        fault = _columns_fault(_chosen())
        if not fault:
            return _save_columns(found)
    read = asked("hatinh_source_mapping", id=name)
    return tk.render(
        "hatinh_harvest/columns.html",
        {
            "source": found,
            "mapping": read,
            "chosen": _chosen() or found["options"].get("columns", {}),
            "fields": sheet.fields(),
            "fault": fault,
        },
    )


@hatinh_harvest_desk.post("/nguon/<name>/<any(bat, tat):turn>")
def switch(name: str, turn: str) -> Response:
    """Let a source run by its schedule, or keep it from running."""
    try:
        tk.get_action("hatinh_source_update")(context(), {"id": name, "active": turn == "bat"})
    except tk.ValidationError as err:
        tk.h.flash_error(said(err))
    except (tk.NotAuthorized, tk.ObjectNotFound) as err:
        tk.abort(403, str(err))
    return redirect(tk.url_for(".source", name=name))


@hatinh_harvest_desk.post("/nguon/<name>/xoa")
def delete(name: str) -> Response:
    """Take a source out of use."""
    _own(name)
    asked("hatinh_source_delete", id=name)
    tk.h.flash_success(tk._("The source is no longer used; its datasets stay in the portal"))
    return redirect(tk.url_for(".desk"))


# -- pages ------------------------------------------------------------------------------------


def _own(name: str) -> dict[str, Any]:
    """A source that one looks after; of another's source not even the address."""
    asked_source = asked("hatinh_source_show", id=name)
    if "url" not in asked_source:
        tk.abort(403, tk._("Only editors of the office that owns the source may do this"))
    return asked_source


def _source_page(found: Mapping[str, Any], tested: Mapping[str, Any] | None = None) -> str:
    return tk.render(
        "hatinh_harvest/source.html",
        {
            "source": found,
            "form": forms.form_of(found["kind"]),
            "tested": tested,
            "runs": asked("hatinh_run_list", source=found["name"], limit=10),
        },
    )


def _form(form: forms.Form, data: Mapping[str, Any], faults: Mapping[str, str]) -> str:
    offered = [choice.cron for choice in schedule.choices()]
    return tk.render(
        "hatinh_harvest/form.html",
        {
            "form": form,
            "data": data,
            "faults": faults,
            "offices": _offices(),
            "defaults": forms.default_fields(),
            "local": [(name, forms.field_label(name)) for name in CAN_STAY_LOCAL],
            "schedules": schedule.choices(),
            "own_schedule": OWN_SCHEDULE if data["schedule"] not in offered else "",
            "mask": secrets.MASK,
            "typed": {
                f.name: forms.typed_option(f, data["options"].get(f.name)) for f in form.options
            },
            "may_open": is_sysadmin(tk.current_user.name),
        },
    )


def _blank(kind: str) -> dict[str, Any]:
    return {
        "kind": kind, "title": {}, "url": "", "owner": "", "options": {}, "defaults": {},
        "secrets": {}, "schedule": schedule.choices()[0].cron, "policy": Policy.SOURCE_WINS,
        "local_fields": [], "approval": Approval.GUARD, "allow_private": False,
    }  # fmt: skip


def _offices() -> list[tuple[str, str]]:
    """The offices that one may make sources for, by name."""
    mine = my_offices()
    named = {code.code: code.name for code in organizations()}
    titles = {office: in_language(named[office]) for office in mine if office in named}
    return sorted(titles.items(), key=lambda pair: pair[1])


# -- what was typed ---------------------------------------------------------------------------


def _typed(form: forms.Form, old: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    typed = request.form
    options, faults = forms.options_from(form, typed, old.get("options", {}))
    chosen = typed.get("schedule", "")
    given: dict[str, Any] = {
        "title": {"vi": typed.get("title_vi", ""), "en": typed.get("title_en", "")},
        "url": typed.get("url", "").strip(),
        "owner": typed.get("owner", ""),
        "options": options,
        "defaults": _defaults(old.get("defaults", {})),
        "secrets": {f.name: typed.get(f"secret_{f.name}", "") for f in form.secrets},
        "schedule": typed.get("cron", "") if chosen == OWN_SCHEDULE else chosen,
        "policy": typed.get("policy", Policy.SOURCE_WINS),
        "local_fields": typed.getlist("local_fields"),
        "approval": Approval.ALWAYS if "approval" in typed else Approval.GUARD,
    }
    if is_sysadmin(tk.current_user.name):
        given["allow_private"] = "allow_private" in typed
    return given, faults


def _defaults(old: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults as typed; the office's own name stands for a missing publisher."""
    values = {name: request.form.get(f"default_{name}", "").strip() for name in forms.DEFAULTS}
    kept = {name: value for name, value in old.items() if name not in values}
    owner = {"publisher": request.form["owner"]} if request.form.get("owner") else {}
    return {**kept, **owner, **{name: value for name, value in values.items() if value}}


def _by_field(err: tk.ValidationError) -> dict[str, str]:
    return {
        name: " ".join(map(str, found if isinstance(found, list) else [found]))
        for name, found in err.error_dict.items()
    }


def _chosen() -> dict[str, str]:
    """What the officer says that each column is, by its label; columns left out are left out."""
    labels = request.form.getlist("label")
    names = request.form.getlist("name")
    return {label: name for label, name in zip(labels, names, strict=False) if name}


def _columns_fault(chosen: Mapping[str, str]) -> str:
    names = list(chosen.values())
    if "title" not in names:
        return tk._("Say which column holds the title of the dataset")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        field = in_language(forms.field_label(twice[0]))
        return tk._("Two columns are both “{field}”; choose one of them").format(field=field)
    return ""


def _save_columns(found: Mapping[str, Any]) -> Response:
    chosen = _chosen()
    options = {**found["options"], "columns": chosen}
    for name in ("header_rows", "identity"):
        options.pop(name, None)
    if request.form.get("header_rows", "1") != "1":
        options["header_rows"] = int(request.form["header_rows"])
    if "guid" not in chosen.values():
        options["identity"] = "title"
    asked("hatinh_source_update", id=found["name"], options=options)
    tk.h.flash_success(tk._("The columns have been saved"))
    return redirect(tk.url_for(".source", name=found["name"]))
