"""Large files in pieces: the core of the tus protocol 1.0 with creation, expiration, termination
and checksum, at ``/tai-len/``.

A file that is whole becomes that of a resource by the field ``upload_id`` of CKAN's own actions.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from flask import Blueprint, Response, jsonify, request
from werkzeug.http import http_date

from ckanext.hatinh.datastore import uploads
from ckanext.hatinh.datastore.pieces import (
    Awaited,
    GoneError,
    Upload,
    WriterBusyError,
    WrongHashError,
    WrongOffsetError,
)
from ckanext.hatinh.shared.csrf import ask_for_token
from hatinh.errors import HatinhError

__all__ = ["hatinh_upload"]

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
HASH_WRONG = 460
LOCKED = 423
FULL = 507

_AT_ONCE = 1 << 13
"""Bytes that may be lost when a connection breaks."""

_NAME = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")

hatinh_upload = Blueprint("hatinh_upload", __name__, url_prefix="/tai-len")
hatinh_upload.before_request(ask_for_token)


class RefusalError(HatinhError):
    """Why a request is not answered with what it asks for; words are for people."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@hatinh_upload.errorhandler(RefusalError)
def refused(err: RefusalError) -> Response:
    """The refusal as an answer."""
    answer = jsonify({"success": False, "error": {"message": err.words}})
    answer.status_code = err.status
    return answer


@hatinh_upload.before_request
def ask_for_version() -> None:
    """Refuse who speaks another version."""
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise RefusalError(412, tk._("The header Tus-Resumable has to say 1.0.0"))


@hatinh_upload.after_request
def say_version(answer: Response) -> Response:
    """Every answer names the version; none of them may be kept."""
    answer.headers["Tus-Resumable"] = VERSION
    answer.headers["Cache-Control"] = "no-store"
    return answer


@hatinh_upload.route("/", methods=["OPTIONS"])
def able() -> Response:
    """What is understood here."""
    told = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,termination,checksum",
        "Tus-Checksum-Algorithm": "sha256",
        "Tus-Max-Size": str(uploads.longest()),
    }
    return Response(status=204, headers=told)


@hatinh_upload.route("/", methods=["POST"])
def create() -> Response:
    """Make place for a file. Its metadata: ``dataset``, ``filename`` and perhaps ``sha256``."""
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    length = _number("Upload-Length")
    if length > uploads.longest():
        size = tk.h.localised_filesize(uploads.longest())
        raise RefusalError(413, tk._("A file may have {size} at most").format(size=size))
    awaited = Awaited(
        owner=_account(),
        dataset=_changeable(said.get("dataset", "")),
        name=said.get("filename", "").strip()[:_NAME],
        length=length,
        sha256=said.get("sha256", "").lower(),
    )
    if not awaited.name or (awaited.sha256 and not _SHA256.fullmatch(awaited.sha256)):
        raise RefusalError(400, tk._("Upload-Metadata has to name dataset and filename"))
    if len(uploads.pieces().of(awaited.owner)) >= uploads.MOST:
        raise RefusalError(429, tk._("Too many of your files are on their way; end one of them"))
    if not uploads.pieces().has_room(length):
        raise _no_room()
    upload = uploads.pieces().begin(awaited)
    answer = _where(upload, 201)
    answer.headers["Location"] = tk.url_for(".state", upload_id=upload.id, locale="default")
    return answer


@hatinh_upload.route("/<upload_id>", methods=["HEAD"])
def state(upload_id: str) -> Response:
    """How much is here."""
    upload = _found(upload_id)
    answer = _where(upload, 200)
    answer.headers["Upload-Length"] = str(upload.awaited.length)
    return answer


@hatinh_upload.route("/<upload_id>", methods=["PATCH"])
def add(upload_id: str) -> Response:
    """The next piece."""
    upload = _found(upload_id)
    if request.mimetype != PIECE_TYPE:
        raise RefusalError(415, tk._("A piece has to be sent as {type}").format(type=PIECE_TYPE))
    offset = _number("Upload-Offset")
    room = upload.awaited.length - offset
    if offset == upload.offset and (request.content_length or 0) > room:
        raise RefusalError(413, tk._("There are more bytes than were announced"))
    model.Session.remove()  # a slow piece holds no connection to the database
    try:
        upload.append(offset, _parts(room), _checksum())
    except WrongOffsetError as err:
        raise RefusalError(409, tk._("The next piece begins at another offset")) from err
    except WriterBusyError as err:
        raise RefusalError(LOCKED, tk._("Another piece of this file is being written")) from err
    except WrongHashError as err:
        raise RefusalError(HASH_WRONG, tk._("The piece arrived damaged; send it again")) from err
    except OSError as err:
        if err.errno not in uploads.FULL:
            raise
        raise _no_room() from err
    return _where(upload, 204)


@hatinh_upload.route("/<upload_id>", methods=["DELETE"])
def end(upload_id: str) -> Response:
    """Forget the file."""
    try:
        _found(upload_id).remove()
    except WriterBusyError as err:
        raise RefusalError(LOCKED, tk._("Another piece of this file is being written")) from err
    return Response(status=204)


def _found(upload_id: str) -> Upload:
    """An upload of the reader's own, whose dataset may still be changed."""
    account = _account()
    found = uploads.pieces().find(upload_id)
    if found is None or found.awaited.owner != account:
        _gone()
    _changeable(found.awaited.dataset)
    return found


def _account() -> str:
    if tk.current_user.is_anonymous:
        raise RefusalError(403, tk._("Sign in, or send a token, to upload files"))
    return tk.current_user.id


def _changeable(dataset: str) -> str:
    """The id of a dataset that the reader may change; whoever may not see it hears of none."""
    package = model.Package.get(dataset)
    if package and _may("package_update", package.id):
        return package.id
    if package and _may("package_show", package.id):
        raise RefusalError(403, tk._("You may not change this dataset"))
    raise RefusalError(404, tk._("Dataset not found"))


def _may(action: str, dataset: str) -> bool:
    context = Context(user=tk.current_user.name, auth_user_obj=tk.current_user)
    try:
        return tk.check_access(action, context, {"id": dataset})
    except tk.NotAuthorized:
        return False


def _where(upload: Upload, status: int) -> Response:
    """How far a file is, and how long it is kept."""
    try:
        told = {
            "Upload-Offset": str(upload.offset),
            "Upload-Expires": http_date(upload.changed + uploads.SECONDS),
        }
    except GoneError:
        _gone()
    return Response(status=status, headers=told)


def _parts(room: int) -> Iterator[bytes]:
    """The bytes of the request, and no more than there is room for."""
    while room > 0 and (part := request.stream.read(min(_AT_ONCE, room))):
        room -= len(part)
        yield part


def _checksum() -> bytes:
    """The hash that the piece was sent with, if any."""
    kind, _, text = request.headers.get("Upload-Checksum", "").partition(" ")
    if not kind:
        return b""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if kind != "sha256" or not found:
        raise RefusalError(400, tk._("Upload-Checksum has to be sha256 and its Base64"))
    return found


def _metadata(header: str) -> Mapping[str, str]:
    """Words by name, from ``name Base64, name Base64``."""
    pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
    try:
        return {name: base64.b64decode(text, validate=True).decode() for name, _, text in pairs}
    except ValueError as err:
        raise RefusalError(400, tk._("Upload-Metadata is not written in Base64")) from err


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not _WHOLE_NUMBER.fullmatch(text):
        raise RefusalError(400, tk._("The header {name} is missing").format(name=header))
    return int(text)


def _no_room() -> RefusalError:
    words = tk._("The disk of the portal is full. What has arrived is kept; try again later.")
    return RefusalError(FULL, words)


def _gone() -> NoReturn:
    raise RefusalError(404, tk._("There is no such upload of yours"))
