"""Own pages: how to use the data, what the portal is, and how accessible it is."""

import ckan.plugins.toolkit as tk
from flask import Blueprint

import schemas
from ckanext.hatinh.portal.legal import citable
from ckanext.hatinh.shared.vocabulary import today

__all__ = ["hatinh_portal"]

hatinh_portal = Blueprint("hatinh_portal", __name__)


@hatinh_portal.get("/huong-dan")
def guide() -> str:
    """How to find, download and reuse data, by hand and by machine."""
    return tk.render("hatinh_portal/guide.html")


@hatinh_portal.get("/gioi-thieu")
def about() -> str:
    """What the portal is for, and which documents it rests on."""
    instruments = list(citable(schemas.ROOT / "legal_instruments.csv", today()))
    return tk.render("hatinh_portal/about.html", {"instruments": instruments})


@hatinh_portal.get("/tro-nang")
def accessibility() -> str:
    """What has been done so that everybody can use the portal."""
    return tk.render("hatinh_portal/accessibility.html")
