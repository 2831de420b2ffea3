"""The key that signs audit packs (Ed25519), from a secret of the configuration."""

import hashlib
import secrets

import ckan.plugins.toolkit as tk
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hatinh.errors import SchemaError

KEY = "ckanext.hatinh.campaign.signing_key"
SHORTEST = 32
"""Characters of a secret that is long enough not to be guessed."""


def signing_key() -> Ed25519PrivateKey:
    """The key. Raises :class:`hatinh.errors.SchemaError` when the portal has none."""
    secret = tk.config.get(KEY) or ""
    if len(secret) < SHORTEST:
        raise SchemaError(KEY, f"needs {SHORTEST} random characters or more; set it")
    seed = hashlib.blake2b(secret.encode(), digest_size=32, person=b"hatinh-pack").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key() -> str:
    """Its public half in 64 hex digits; blank when the portal has no key."""
    try:
        return signing_key().public_key().public_bytes_raw().hex()
    except SchemaError:
        return ""


def new_secret() -> str:
    """A secret for the configuration."""
    return secrets.token_urlsafe(48)
