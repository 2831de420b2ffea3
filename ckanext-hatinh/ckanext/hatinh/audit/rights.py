"""Every right of the portal is asked of an auditor otherwise: reading is open, changing refused.

CKAN takes the rights of plugins once, at its start. By then all others are known, so a chained
right is put before each of them, whoever has it, and a new one needs no word here.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

import schemas
from ckanext.hatinh.shared.auditors import audits, is_auditor
from hatinh.audit.rules import Rules, Verdict, load_rules


@lru_cache(maxsize=1)
def rules() -> Rules:
    """What the list says."""
    return load_rules(schemas.ROOT)


def guarded(ours: object) -> dict[str, Any]:
    """A right before each that is not this plugin's; the plugin must be the first that is asked."""
    known: dict[str, Any] = {
        name: authz._AuthFunctions.get(name) for name in authz.auth_functions_list()
    }
    for plugin in reversed(list(p.PluginImplementations(p.IAuthFunctions))):
        if plugin is not ours:
            known |= plugin.get_auth_functions()
    return {name: _before(name, vars(right)) for name, right in known.items()}


def _before(name: str, marks: Mapping[str, Any]) -> Any:
    """``marks`` are those of the right behind: whether visitors are let to it, and the like."""

    def right(next_: Any, context: Context, data_dict: "DataDict | None") -> AuthResult:
        user = context.get("user") or ""
        if not is_auditor(user):
            return next_(context, data_dict)
        verdict = rules().judge(name, reads=only_reads(name), opens=audits(user))
        if verdict is Verdict.OPEN:
            return {"success": True}
        if verdict is Verdict.ASKED:
            return next_(context, data_dict)
        return {"success": False, "msg": tk._("Auditors read everything and change nothing")}

    vars(right).update(marks)
    right.__name__ = name
    return tk.chained_auth_function(right)


def only_reads(name: str) -> bool:
    """Whether an action says that it changes nothing; no for what is no action."""
    try:
        return bool(getattr(tk.get_action(name), "side_effect_free", False))
    except KeyError:
        return False
