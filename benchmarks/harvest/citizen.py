"""A citizen who searches: how long an answer takes, while nothing else runs and during a harvest.

The whole portal answers in this process. Each line on standard input starts searching, the next
one ends it and is answered with the times.
"""

import sys
import threading
import time

from ckan.cli import load_config
from ckan.config.middleware import make_app
from flask.testing import FlaskClient

from benchmarks.harvest.measure import say

WORDS = ("trường học", "đất đai", "diện tích rừng", "y tế", "thủy lợi", "dân số")
PAUSE = 0.2
"""Seconds between an answer and the next question."""


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    client = make_app(load_config(sys.argv[1])).test_client()
    say({"ready": True})
    while sys.stdin.readline():
        ended: threading.Event = threading.Event()
        times: list[float] = []
        searching = threading.Thread(target=_search, args=(client, ended, times))
        searching.start()
        sys.stdin.readline()
        ended.set()
        searching.join()
        say({"milliseconds": times})
    return 0


def _search(client: FlaskClient, ended: threading.Event, times: list[float]) -> None:
    number = 0
    while not ended.wait(PAUSE):
        began = time.perf_counter()
        answer = client.get("/dataset/", query_string={"q": WORDS[number % len(WORDS)]})
        if answer.status_code != 200:
            raise SystemExit(f"the search answered {answer.status_code}")
        times.append(round((time.perf_counter() - began) * 1000, 1))
        number += 1


if __name__ == "__main__":
    sys.exit(main())
