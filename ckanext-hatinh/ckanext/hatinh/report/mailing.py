"""Reports by e-mail to addresses of the configuration, once a month or once a week.

A sending is noted before its letters go out: rather one letter lost than two sent.
"""

import io
import logging
from datetime import date, datetime
from smtplib import SMTPException

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.mailer import Attachment, MailerException, mail_recipient

from ckanext.hatinh.report import reports, tables
from ckanext.hatinh.shared.vocabulary import today
from hatinh.errors import SchemaError
from hatinh.local_time import LOCAL_TIME
from hatinh.report.files import FORMS

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks of the data worker."""

PREFIX = "ckanext.hatinh.report.mail"
PERIODS = {"month": "%Y-%m", "week": "%G-W%V"}
SUBJECT = "Báo cáo dữ liệu kỳ {period}"
BODY = (
    "Kính gửi: Quý cơ quan\n\nGửi kèm các báo cáo về dữ liệu tính đến ngày {day}:\n\n{titles}\n\n"
    "Cách tính và nguồn của từng số liệu: {url}\n\n"
    "Thư này do Cổng dữ liệu mở tỉnh Hà Tĩnh gửi tự động."
)

_MAILED = "hatinh_report.mailed"
_CLAIM = sa.text(
    "INSERT INTO system_info (key, value, state) VALUES (:key, :period, 'active')"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    " WHERE system_info.value <> excluded.value RETURNING 1"
)


def check_settings() -> None:
    """Refuse to send a report, a form or a period that there is not.

    Raises :class:`SchemaError`.
    """
    if not _words("to"):
        return
    known = (("reports", reports.figures()), ("formats", FORMS), ("every", PERIODS))
    for name, choices in known:
        for word in _words(name):
            if word not in choices:
                raise SchemaError(f"{PREFIX}_{name}", f"{word!r} is none of {', '.join(choices)}")


def send(day: date | None = None) -> int:
    """Send this period's letters unless they were sent; gives how many went out."""
    addresses, on = _words("to"), day or today()
    if not addresses or not tk.config.get("smtp.mail_from"):
        return 0
    period = f"{on:{PERIODS[tk.config[f'{PREFIX}_every']]}}"
    if model.get_system_info(_MAILED) == period:
        return 0
    # Made before the claim: reports that cannot be made now are tried again.
    files, body = _files(on), _body(on)
    claimed = model.Session.execute(_CLAIM, {"key": _MAILED, "period": period}).first()
    model.Session.commit()
    if claimed is None:
        return 0
    subject = SUBJECT.format(period=period)
    return sum(_sent(address, subject, body, files) for address in addresses)


def _words(name: str) -> list[str]:
    return str(tk.config.get(f"{PREFIX}_{name}") or "").split()


def _files(day: date) -> dict[str, tuple[bytes, str]]:
    """The reports as files: bytes and media type by name."""
    asked = tables.Asked(everything=tk.config[f"{PREFIX}_private"], day=day)
    found: dict[str, tuple[bytes, str]] = {}
    for name in _words("reports"):
        made = reports.make(reports.figures()[name], asked, datetime.now(LOCAL_TIME))
        for form in _words("formats"):
            kind = FORMS[form]
            found[f"{name}-{day:%Y%m%d}.{form}"] = (kind.write(made, "vi"), kind.media_type)
    return found


def _body(day: date) -> str:
    titles = "\n".join(f"- {reports.figures()[name].title.vi}" for name in _words("reports"))
    url = tk.url_for("hatinh_report.index", _external=True)
    return BODY.format(day=f"{day:%d/%m/%Y}", titles=titles, url=url)


def _sent(address: str, subject: str, body: str, files: dict[str, tuple[bytes, str]]) -> bool:
    """Write to one address, whatever becomes of the letters to others."""
    attached: list[Attachment] = [
        (name, io.BytesIO(content), media_type.split(";")[0])
        for name, (content, media_type) in files.items()
    ]
    try:
        mail_recipient(address, address, subject, body, attachments=attached)
    except (MailerException, SMTPException, OSError) as err:
        log.warning("No letter “%s” to %s: %s", subject, address, err)
        return False
    return True
