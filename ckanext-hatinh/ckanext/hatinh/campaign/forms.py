"""What campaigns ask, of whom and by when; read once."""

from functools import lru_cache

import schemas
from hatinh.campaign import Form, load_form


@lru_cache(maxsize=1)
def form() -> Form:
    """The file ``schemas/campaign.yaml``."""
    return load_form(schemas.ROOT)
