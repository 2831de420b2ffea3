"""How pages call actions: as the reader, with faults as the answers of the web."""

from typing import Any

import ckan.plugins.toolkit as tk


def reader() -> Any:
    """The context of whoever reads the page."""
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}


def asked(action: str, **parameters: Any) -> Any:
    """The answer of an action; 404 for what is not there or not to be seen, 400 for nonsense."""
    try:
        return tk.get_action(action)(reader(), parameters)
    except (tk.ObjectNotFound, tk.NotAuthorized) as err:
        tk.abort(404, str(err) or tk._("Not found"))
    except tk.ValidationError as err:
        tk.abort(400, " ".join(map(str, err.error_summary.values())))
