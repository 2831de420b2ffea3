"""Large files on their way to a dataset: whose they are, and how one becomes a resource's file."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.uploader import get_max_resource_size, get_storage_path
from ckan.types import Context, DataDict
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.datastore.pieces import GoneError, Pieces, Upload, WrongHashError

FIELD = "upload_id"
"""Where actions and forms name a file that arrived in pieces."""

SECONDS = 24 * 3600.0
"""How long a file waits for its next piece, or for being used."""

SWEPT = 600.0
"""Seconds between two looks for files that wait no longer."""

MOST = 20
"""Files that one account may have on their way."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says when a disk takes no more."""


def pieces() -> Pieces:
    """Where the files are while they arrive."""
    return Pieces(Path(get_storage_path()) / "pieces")


def forget_old() -> None:
    """Forget what nobody went on with."""
    pieces().forget(SECONDS)


def longest() -> int:
    """Bytes that a file may have."""
    return get_max_resource_size() << 20


def become_file(
    next_action: Callable[[Context, DataDict], Any], context: Context, data_dict: DataDict
) -> Any:
    """Give a resource the file that it names, as if it had been sent with the call."""
    wanted = data_dict.get(FIELD)
    given = {key: value for key, value in data_dict.items() if key != FIELD}
    if not wanted:
        return next_action(context, given)
    upload, sha256 = _finished(context, str(wanted), _dataset(given))
    with upload.path.open("rb") as file:
        given["upload"] = FileStorage(file, filename=upload.awaited.name, name="upload")
        given |= {"url": upload.awaited.name, "hash": sha256}
        try:
            made = next_action(context, given)
        except OSError as err:
            if err.errno not in FULL:
                raise
            raise _refusal(tk._("The disk of the portal is full; nothing was changed")) from err
    upload.remove()
    return made


def _finished(context: Context, wanted: str, dataset: str | None) -> tuple[Upload, str]:
    """The whole file of this id, and its hash. Raises ``ValidationError``."""
    user = model.User.get(context.get("user"))
    found = pieces().find(wanted)
    if not found or not user or (found.awaited.owner, found.awaited.dataset) != (user.id, dataset):
        raise _refusal(tk._("There is no such upload of yours for this dataset"))
    try:
        if not found.whole:
            raise _refusal(tk._("The file has not arrived completely"))
        return found, found.digest()
    except GoneError as err:
        raise _refusal(tk._("There is no such upload of yours for this dataset")) from err
    except WrongHashError as err:
        raise _refusal(tk._("The file that arrived is not the one that was announced")) from err


def _dataset(given: DataDict) -> str | None:
    """The id of the dataset that a resource is, or will be, part of."""
    if "id" in given and (resource := model.Resource.get(given["id"])):
        return resource.package_id
    package = model.Package.get(given.get("package_id"))
    return package.id if package else None


def _refusal(words: str) -> tk.ValidationError:
    return tk.ValidationError({FIELD: [words]})
