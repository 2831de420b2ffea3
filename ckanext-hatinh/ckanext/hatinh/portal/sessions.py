"""Sessions while Valkey is away or full: whoever is signed in works on, and nobody can sign in."""

import logging
from typing import cast

import ckan.plugins.toolkit as tk
from ckan.config.middleware.common_middleware import CKANRedisSessionInterface
from ckan.config.middleware.flask_app import CKANJsonSessionSerializer
from ckan.types import CKANApp, Response
from flask import Flask, Request, current_app
from flask_session.redis.redis import RedisSession
from redis.exceptions import RedisError
from werkzeug.exceptions import ServiceUnavailable

from ckanext.hatinh.portal.away import be_patient

log = logging.getLogger(__name__)

USER = "_user_id"
"""Where Flask-Login keeps in a session who is signed in."""


class Session(RedisSession):
    """A session that remembers who was signed in when its request began."""

    began_with: str | None = None

    def user(self) -> str | None:
        """Who is signed in. Looking does not mark the page as different for each visitor."""
        return dict.get(self, USER)


class PatientSessions(CKANRedisSessionInterface):
    """CKAN's sessions, and what becomes of them while Valkey can neither give nor take them."""

    session_class = Session

    def __init__(self, app: CKANApp) -> None:
        super().__init__(app)
        self.serializer = CKANJsonSessionSerializer()

    def open_session(self, app: Flask, request: Request) -> Session:
        """The session of a visitor; an empty one, of somebody unknown, while it cannot be read."""
        try:
            session = cast(Session, super().open_session(app, request))
        except RedisError as err:
            log.warning("Sessions cannot be read: %s", err)
            sid = self._generate_sid(self.sid_length)
            session = Session(sid=sid, permanent=self.permanent)
        session.began_with = session.user()
        return session

    def save_session(self, app: Flask, session: Session, response: Response) -> None:
        """Keep a session. What a signed-in person loses, such as a message, is not worth a page;
        that somebody is not signed in or out is."""
        try:
            super().save_session(app, session, response)
        except RedisError as err:
            log.warning("A session cannot be kept: %s", err)
            stays = session.user() is not None and session.user() == session.began_with
            if session.modified and not stays:
                _say_so(response)


def outlive_valkey(app: CKANApp) -> None:
    """Let an app whose sessions are in Valkey go on without it."""
    if isinstance(app.session_interface, CKANRedisSessionInterface):
        app.session_interface = PatientSessions(app)


def _say_so(response: Response) -> None:
    refusal = ServiceUnavailable(tk._("Nobody can sign in or out for the moment"))
    page = current_app.make_response(current_app.handle_http_exception(refusal))
    response.status_code = page.status_code
    response.set_data(page.get_data())
    response.headers.pop("Location", None)
    be_patient(response)  # what is done after each request has been done already
