"""Gunicorn: CKAN is loaded once, then forked; the log goes to standard output."""

from typing import Any

preload_app = True
worker_class = "gthread"
timeout = 120
graceful_timeout = 25
max_requests = 20_000
max_requests_jitter = 2_000
forwarded_allow_ips = ""
limit_request_line = 8190
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s%(q)s %(s)s %(B)s %(L)s"
worker_tmp_dir = "/dev/shm"  # heartbeats must not wait for the disk
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Give each worker database connections of its own: a socket must not be shared by two."""
    from ckan import model  # noqa: PLC0415 - CKAN is only loaded where the application is
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    model.Session.remove()
    engine = model.Session.bind
    if isinstance(engine, Engine):
        engine.dispose(close=False)
