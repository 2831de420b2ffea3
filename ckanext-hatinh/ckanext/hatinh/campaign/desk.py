"""The forms of the campaigns: the steward's steps, and those of a unit with its part."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.shared.asking import reader
from ckanext.hatinh.shared.csrf import ask_for_token

hatinh_campaign_desk = Blueprint("hatinh_campaign_desk", __name__, url_prefix="/kiem-ke")

hatinh_campaign_desk.before_request(ask_for_token)

STEPS: Mapping[str, tuple[str, ...]] = {
    "update": ("day", "units_before", "province_before"),
    "open": ("note",),
    "freeze": ("note",),
    "close": ("letter", "sent"),
    "delete": (),
}
"""Fields of the form of each step of the steward."""

PART_STEPS: Mapping[str, tuple[str, ...]] = {
    "submit": ("note",),
    "return": ("note",),
    "sign": ("letter",),
}
"""Fields of the form of each step with a part, beside answers and evidence."""


@hatinh_campaign_desk.post("/")
def create() -> Response:
    """Draft a campaign."""
    given = {"title": _title(), "day": request.form.get("day", "")}
    made = _taken("hatinh_campaign_create", given)
    if made is None:
        return redirect(tk.url_for("hatinh_campaign.index"))
    return _page(made["number"])


@hatinh_campaign_desk.post(f"/<int:number>/<any({', '.join(STEPS)}):step>")
def move(number: int, step: str) -> Response:
    """Take a step with a campaign."""
    given: dict[str, Any] = {name: request.form.get(name, "") for name in STEPS[step]}
    if step == "update":
        given["title"] = _title()
        given["units"] = request.form.getlist("units")
    _taken(f"hatinh_campaign_{step}", {"number": number, **given})
    if step == "delete":
        return redirect(tk.url_for("hatinh_campaign.index"))
    return _page(number)


@hatinh_campaign_desk.post("/<int:number>/don-vi/<unit>/tra-loi")
def fill(number: int, unit: str) -> Response:
    """Write answers down; fields are named ``<system>:<question>``, and one button submits."""
    answers: dict[str, dict[str, str]] = {}
    for name, value in request.form.items():
        subject, colon, question = name.rpartition(":")
        if colon:
            answers.setdefault(subject, {})[question] = value
    place = {"number": number, "unit": unit}
    made = _taken("hatinh_campaign_part_fill", {**place, "answers": answers})
    if made and "submit" in request.form:
        _taken("hatinh_campaign_part_submit", place)
    return _part(number, unit)


@hatinh_campaign_desk.post("/<int:number>/don-vi/<unit>/minh-chung")
def attach(number: int, unit: str) -> Response:
    """Add evidence."""
    given: dict[str, Any] = {name: request.form.get(name, "") for name in ("subject", "url")}
    if (file := request.files.get("upload")) and file.filename:
        given["upload"] = file
    _taken("hatinh_campaign_evidence_add", {"number": number, "unit": unit, **given})
    return _part(number, unit)


@hatinh_campaign_desk.post("/<int:number>/don-vi/<unit>/minh-chung/<int:file_id>/bo")
def detach(number: int, unit: str, file_id: int) -> Response:
    """Take evidence away."""
    _taken("hatinh_campaign_evidence_remove", {"number": number, "unit": unit, "id": file_id})
    return _part(number, unit)


@hatinh_campaign_desk.post(f"/<int:number>/don-vi/<unit>/<any({', '.join(PART_STEPS)}):step>")
def move_part(number: int, unit: str, step: str) -> Response:
    """Submit, return or sign a part."""
    given = {name: request.form.get(name, "") for name in PART_STEPS[step]}
    _taken(f"hatinh_campaign_part_{step}", {"number": number, "unit": unit, **given})
    return _part(number, unit)


def _title() -> dict[str, str]:
    return {lang: request.form.get(f"title-{lang}", "") for lang in ("vi", "en")}


def _taken(action: str, parameters: dict[str, Any]) -> Any:
    """What an action answers; its refusal is shown on the next page."""
    try:
        return tk.get_action(action)(reader(), parameters)
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    except tk.ValidationError as err:
        tk.h.flash_error(" ".join(map(str, err.error_summary.values())))
    return None


def _page(number: int) -> Response:
    return redirect(tk.url_for("hatinh_campaign.campaign", number=number))


def _part(number: int, unit: str) -> Response:
    return redirect(tk.url_for("hatinh_campaign.part", number=number, unit=unit))
