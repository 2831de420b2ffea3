"""The package that goes to the Ministry of Public Security: files and a manifest of them.

Nothing is sent from here. Equal files give an equal package, so its hash in the register of
sending says which bytes were sent.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

MANIFEST = "manifest.json"


def bundle(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """A ZIP of the files with a manifest: ``about`` and each file's size and SHA-256."""
    listed = {
        name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for name, body in files.items()
    }
    manifest = json.dumps({**about, "files": listed}, ensure_ascii=False, indent=1)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {MANIFEST: manifest.encode(), **files}.items():
            # A ZipInfo of its own has a fixed time, 1980-01-01.
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
