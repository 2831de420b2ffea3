"""Pages of the campaigns for their readers, their files, and the verifier for everybody."""

from collections.abc import Iterable
from contextlib import ExitStack
from tempfile import TemporaryFile

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request, send_file

from ckanext.hatinh.campaign import campaigns, keys, model, parts, reports, snapshots
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.roles import person_of
from ckanext.hatinh.shared.asking import asked, reader
from hatinh.campaign import program
from hatinh.report import Report
from hatinh.report.files import FORMS

hatinh_campaign = Blueprint("hatinh_campaign", __name__, url_prefix="/kiem-ke")

ENDINGS = ", ".join(FORMS)


@hatinh_campaign.get("/")
def index() -> str:
    """All campaigns; the steward drafts the next one."""
    found = asked("hatinh_campaign_list")
    return tk.render(
        "hatinh_campaign/index.html",
        {"campaigns": found, "form": form(), "person": person_of(reader())},
    )


@hatinh_campaign.get("/xac-minh")
def verify() -> str:
    """How anybody verifies an audit pack."""
    return tk.render("hatinh_campaign/verify.html", {"found": asked("hatinh_pack_key")})


@hatinh_campaign.get("/verifier.py")
def verifier_file() -> Response:
    """The verifier, which needs Python and nothing else."""
    return _attached(program(), "text/x-python", "verifier.py")


@hatinh_campaign.get("/<int:number>")
def campaign(number: int) -> str:
    """One campaign: its parts and who is late, its snapshot, and the steward's next step."""
    found = asked("hatinh_campaign_show", number=number)
    return tk.render(
        "hatinh_campaign/campaign.html",
        {
            "campaign": found,
            "form": form(),
            "person": person_of(reader()),
            "snapshot": asked("hatinh_campaign_snapshot", number=number) if found["hash"] else None,
            "key": keys.public_key(),
            "all_units": campaigns.all_units() if found["state"] == "nhap" else [],
        },
    )


@hatinh_campaign.get("/<int:number>/don-vi/<unit>")
def part(number: int, unit: str) -> str:
    """The part of one unit: its form, or its answers."""
    found = asked("hatinh_campaign_part_show", number=number, unit=unit)
    return tk.render(
        "hatinh_campaign/part.html",
        {
            "part": found,
            "campaign": asked("hatinh_campaign_show", number=number),
            "form": form(),
            "forms": FORMS,
        },
    )


@hatinh_campaign.get("/<int:number>/don-vi/<unit>/minh-chung/<int:file_id>")
def evidence(number: int, unit: str, file_id: int) -> Response:
    """A file of evidence, never shown within the portal."""
    asked("hatinh_campaign_evidence_file", number=number, unit=unit, id=file_id)
    found = model.evidence_file(number, unit, file_id)
    if found is None or found.body is None:
        tk.abort(404, tk._("There is no such evidence"))
    answer = Response(found.body, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@hatinh_campaign.get(f"/<int:number>/don-vi/<unit>/bao-cao.<any({ENDINGS}):ending>")
def part_file(number: int, unit: str, ending: str) -> Response:
    """The report of one unit as a file, with its addressees."""
    asked("hatinh_campaign_part_show", number=number, unit=unit)
    shown = reports.unit(parts.find(number, unit))
    return _document(shown, ending, f"kiem-ke-{number}-{unit}")


@hatinh_campaign.get("/<int:number>/so-lieu/<figure>")
def figure(number: int, figure: str) -> str:
    """A figure on the snapshot."""
    office = request.args.get("organization", "")
    found = asked("hatinh_campaign_figure", number=number, figure=figure, organization=office)
    row = campaigns.get(number)
    return tk.render(
        "hatinh_campaign/figure.html",
        {
            "found": found,
            "report": snapshots.report(row, found),
            "campaign": asked("hatinh_campaign_show", number=number),
            "forms": FORMS,
            "office": office,
        },
    )


@hatinh_campaign.get(f"/<int:number>/so-lieu/<figure>.<any({ENDINGS}):ending>")
def figure_file(number: int, figure: str, ending: str) -> Response:
    """A figure on the snapshot as a file."""
    office = request.args.get("organization", "")
    found = asked("hatinh_campaign_figure", number=number, figure=figure, organization=office)
    shown = snapshots.report(campaigns.get(number), found)
    return _document(shown, ending, f"kiem-ke-{number}-{figure}")


@hatinh_campaign.get(f"/<int:number>/bao-cao.<any({ENDINGS}):ending>")
def report(number: int, ending: str) -> Response:
    """The report of the province as a file, with its addressees."""
    found = asked("hatinh_campaign_figure", number=number, figure=form().ranking)
    shown = reports.province(campaigns.get(number), found)
    return _document(shown, ending, f"kiem-ke-{number}-toan-tinh")


@hatinh_campaign.get("/<int:number>/goi.zip")
def pack(number: int) -> Response:
    """The audit pack of the province, or of one office: made once, in a file without a name."""
    office = request.args.get("organization", "")
    body = _pack(number, office)
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        file.writelines(body)
        file.seek(0)
        stack.pop_all()  # the server closes it when it is sent
    name = snapshots.pack_name(number, office)
    return send_file(file, "application/zip", as_attachment=True, download_name=name)


def _pack(number: int, office: str) -> Iterable[bytes]:
    """The pack that the action tells of: it is not asked, since it would make the pack as well."""
    try:
        given = {"number": number, "organization": office}
        tk.check_access("hatinh_campaign_pack", reader(), given)
        return snapshots.pack(campaigns.get(number), office)
    except (tk.ObjectNotFound, tk.NotAuthorized) as err:
        tk.abort(404, str(err))
    except tk.ValidationError as err:
        tk.abort(400, " ".join(map(str, err.error_summary.values())))


def _document(shown: Report, ending: str, stem: str) -> Response:
    wanted = FORMS[ending]
    return _attached(wanted.write(shown, tk.h.lang()), wanted.media_type, f"{stem}.{ending}")


def _attached(body: bytes, media_type: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    answer = Response(body, content_type=media_type, headers={"Content-Disposition": disposition})
    answer.add_etag()
    answer.make_conditional(request)
    return answer
