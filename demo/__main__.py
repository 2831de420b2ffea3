"""``python -m demo serve --port N``: serve the demonstration until told to stop."""

import argparse
import os
import signal
import sys
import threading
import time

from demo.lgsp import Client, Lgsp, Moods
from demo.server import DemoServer
from demo.site import site


def main() -> int:
    """Read the command line and serve; 0 after SIGTERM or Ctrl-C."""
    arguments = _parser().parse_args()
    client = Client(
        os.environ.get("HATINH_LGSP_CLIENT_ID", ""),
        os.environ.get("HATINH_LGSP_CLIENT_SECRET", ""),
    )
    try:
        server = DemoServer(arguments.port)
        moods = Moods(arguments.faults)
        platform = Lgsp(client, arguments.token_seconds, time.monotonic, moods)
        server.open(site(server.base, platform))
    except OSError as err:
        sys.stderr.write(f"demo: cannot serve on port {arguments.port}: {err.strerror}\n")
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"demo: serving {server.base}\n")
    sys.stdout.flush()
    server.serve_forever()
    server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="serve the demonstration on loopback")
    serve.add_argument("--port", type=int, default=5100, help="0 takes a free port")
    serve.add_argument("--token-seconds", type=int, default=3600, help="life of an LGSP token")
    serve.add_argument("--faults", type=int, help="a seed: refuse live tokens now and then")
    return parser


if __name__ == "__main__":
    sys.exit(main())
