"""Secrets of sources at rest (mật khẩu, khóa của nguồn): sealed with a key that is not in the
database, opened only to call the source, and shown to nobody.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping

import ckan.plugins.toolkit as tk
from cryptography.fernet import Fernet, InvalidToken

from hatinh.errors import SchemaError

MASK = "••••"
"""What stands for a secret that is set, wherever people or programs look."""

KEY = "ckanext.hatinh.harvest.secret_key"
SHORTEST = 32
"""Characters of a key that is long enough not to be guessed."""


def seal(secrets: Mapping[str, str]) -> str:
    """The secrets as one encrypted text; nothing for none.

    Raises :class:`hatinh.errors.SchemaError` when the portal has no key.
    """
    if not secrets:
        return ""
    return _locksmith().encrypt(json.dumps(dict(secrets), sort_keys=True).encode()).decode()


def open_(sealed: str) -> dict[str, str]:
    """What :func:`seal` was given. Raises :class:`hatinh.errors.SchemaError` when the key is
    missing, or is not the one that sealed."""
    if not sealed:
        return {}
    try:
        return json.loads(_locksmith().decrypt(sealed.encode()))
    except InvalidToken as err:
        fault = "does not open what is stored; put the former key back, or enter the secrets anew"
        raise SchemaError(KEY, fault) from err


def masked(names: Iterable[str]) -> dict[str, str]:
    """The names of secrets that are set, each with the mask."""
    return dict.fromkeys(sorted(names), MASK)


def renewed(old: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The secrets after somebody filled in the form: a blank or masked one stays as it was."""
    fresh = {name: value for name, value in given.items() if value and value != MASK}
    return {**old, **fresh}


def _locksmith() -> Fernet:
    key = tk.config.get(KEY) or ""
    if len(key) < SHORTEST:
        raise SchemaError(KEY, f"needs {SHORTEST} random characters or more; set it")
    digest = hashlib.blake2b(key.encode(), digest_size=32, person=b"hatinh-harvest").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
