"""What the pages of the harvest share: asking actions as the person who looks."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context
from flask import has_request_context, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.shared.csrf import ask_for_token
from hatinh.text import Text


def context() -> Context:
    """The person who looks, or nobody."""
    return Context(user=tk.current_user.name if tk.current_user.is_authenticated else "")


def asked(action: str, /, **parameters: Any) -> Any:
    """What an action answers; an error page when it must not, or finds nothing."""
    try:
        return tk.get_action(action)(context(), parameters)
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err) or tk._("Not found"))
    except tk.NotAuthorized as err:
        tk.abort(403, str(err) or tk._("Not authorized to see this page"))
    except tk.ValidationError as err:
        tk.abort(400, said(err))


def enter() -> Response | None:
    """Let officers in, with the token of their form; send visitors to log in, and others away."""
    ask_for_token()
    try:
        tk.check_access("hatinh_source_create", context(), {})
    except tk.NotAuthorized as err:
        if tk.current_user.is_authenticated:
            tk.abort(403, str(err))
        return redirect(tk.url_for("user.login", next=request.path))
    return None


def said(err: tk.ValidationError) -> str:
    """The faults of a form in one line."""
    return " ".join(
        str(text)
        for found in err.error_dict.values()
        for text in (found if isinstance(found, list) else [found])
    )


def lang() -> str:
    """The language of the page, ``vi`` or ``en``."""
    return "en" if has_request_context() and tk.h.lang() == "en" else "vi"


def in_language(text: Text) -> str:
    """A text in the language of the page; in Vietnamese where there is no page."""
    return text.said(lang())
