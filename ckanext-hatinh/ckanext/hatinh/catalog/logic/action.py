"""Actions of the catalogue."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.hatinh.catalog import dump

__all__ = ["hatinh_catalogue_dump_show"]


@tk.side_effect_free
def hatinh_catalogue_dump_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The newest dump of the whole catalogue: when it was built, what is in it, where it is."""
    tk.check_access("hatinh_catalogue_dump_show", context, data_dict)
    newest = dump.servable()
    if newest is None:
        raise tk.ObjectNotFound(tk._("The catalogue is being made; please come again in a minute"))
    return {
        "built": newest.built,
        "state": newest.state,
        "datasets": newest.datasets,
        "services": newest.services,
        "files": [
            {"form": form, "url": _url(form), "bytes": newest.sizes[form]} for form in dump.FORMS
        ],
    }


def _url(form: str) -> str:
    if form == dump.PLAIN:
        return tk.url_for("hatinh_catalogue.plain", _external=True)
    return tk.url_for("hatinh_catalogue.whole", form=form, _external=True)
