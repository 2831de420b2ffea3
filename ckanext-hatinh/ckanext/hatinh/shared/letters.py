"""Letters of the portal (thư điện tử) to the people who edit in an office."""

import logging
from smtplib import SMTPException

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.mailer import MailerException, mail_user

from ckanext.hatinh.shared.editors import edits
from hatinh.text import clean

log = logging.getLogger(__name__)


def write_to_editors(office: str, subject: str, body: str) -> None:
    """Write to each editor who has an address, whatever becomes of the letters to others."""
    if not tk.config.get("smtp.mail_from"):
        log.info("No letter “%s”: the portal has no address to send from", subject)
        return
    for user in (user for user in _editors_of(office) if user.email):
        try:
            mail_user(user, clean(subject), body)
        except (MailerException, SMTPException, OSError, ValueError) as err:  # or an odd name
            log.warning("No letter “%s” to %s: %s", subject, user.name, err)


def _editors_of(office: str) -> list[model.User]:
    """The active users who edit in an office, by name."""
    query = (
        sa.select(model.User)
        .join(model.Member, model.Member.table_id == model.User.id)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(model.Group.name == office, model.User.state == "active", *edits())
        .order_by(model.User.name)
    )
    return list(model.Session.scalars(query))
