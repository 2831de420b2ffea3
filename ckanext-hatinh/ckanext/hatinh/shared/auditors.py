"""Who is an auditor (kiểm toán viên), for plugins that do not keep it.

An auditor reads everything and changes nothing; how the role is held is in ``docs/auditing.md``.
"""

from collections.abc import Callable

from ckan import authz
from ckan.types import Context
from flask import g, has_request_context

_readers: list[Callable[[str], bool]] = []


def is_auditor(user: str) -> bool:
    """Whether an account (name or id) holds the role now; nobody does where no plugin keeps it."""
    return bool(user and _readers) and _readers[0](user)


def audits(user: str) -> bool:
    """Whether whoever asks as this account reads as an auditor: not by a token of a program."""
    by_token = has_request_context() and g.get("login_via_auth_header")
    return not by_token and is_auditor(user)


def reads_everything(context: Context) -> bool:
    """Whether whoever asks is told of every record: the portal itself, a sysadmin, an auditor."""
    user = context.get("user") or ""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(user) or audits(user)


def read_from(reader: Callable[[str], bool]) -> None:
    """Ask this function who is an auditor from now on."""
    _readers[:] = [reader]
