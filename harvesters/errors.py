"""Why a source cannot be read whole (lỗi nguồn): nothing of it is imported, nothing deleted.

    SourceError
    ├── UnreachableSourceError    no answer: name, connection or TLS fails
    ├── SlowSourceError           an answer that does not come to an end in time
    ├── RefusedBySourceError      a status other than 200
    │   └── UnauthorisedSourceError   401: the credentials are missing, wrong or expired
    ├── ForbiddenAddressError     an address that the portal must not call
    ├── GarbledSourceError        an answer that is not what the kind of source promises
    │   └── TruncatedSourceError      an answer that stops in the middle
    ├── TooLargeSourceError       more bytes or pages than the limit
    ├── IncompleteSourceError     the records do not add up to the declared number
    └── LoopingSourceError        pages that come back to a page already read

No message carries a secret: addresses lose their user, password and query.
"""

from typing import ClassVar
from urllib.parse import urlsplit

from hatinh.errors import HatinhError
from hatinh.problem import Problem, error


class SourceError(HatinhError):
    """Root: ``source`` is the name in ``config/sources.yaml``, ``url`` the address asked.

    ``code`` is stable; its words are in ``schemas/problems.yaml``. ``detail`` is technical.
    """

    code: ClassVar[str]

    def __init__(self, source: str, url: str, detail: str) -> None:
        self.source = source
        self.url = public_url(url)
        self.detail = detail
        super().__init__(f"{source}: {detail} ({self.url})")

    def as_problem(self) -> Problem:
        """The same fault as a value, for the record of a run."""
        return error(self.code, "$", self.url, source=self.source, detail=self.detail)


class UnreachableSourceError(SourceError):
    """Nobody answers."""

    code = "source-unreachable"

    def __init__(self, source: str, url: str, why: object) -> None:
        super().__init__(source, url, f"no answer: {why}")


class SlowSourceError(SourceError):
    """The whole answer did not come within the time allowed, in seconds."""

    code = "source-slow"

    def __init__(self, source: str, url: str, seconds: float) -> None:
        super().__init__(source, url, f"no whole answer within {seconds:g} s")


class RefusedBySourceError(SourceError):
    """The source answered with a status that is not 200."""

    code = "source-refused"

    def __init__(self, source: str, url: str, status: int) -> None:
        super().__init__(source, url, f"answered with status {status}")
        self.status = status


class UnauthorisedSourceError(RefusedBySourceError):
    """The source does not accept our credentials."""

    code = "source-unauthorised"

    def __init__(self, source: str, url: str) -> None:
        super().__init__(source, url, 401)


class ForbiddenAddressError(SourceError):
    """The address is not http(s), or leads into a network that the source may not name."""

    code = "source-address-forbidden"

    def __init__(self, source: str, url: str, why: str) -> None:
        super().__init__(source, url, f"address refused: {why}")


class GarbledSourceError(SourceError):
    """The content is not what this kind of source promises."""

    code = "source-garbled"

    def __init__(self, source: str, url: str, why: str) -> None:
        super().__init__(source, url, f"content not understood: {why}")


class TruncatedSourceError(GarbledSourceError):
    """The content stops before its end."""

    code = "source-truncated"

    def __init__(self, source: str, url: str) -> None:
        super().__init__(source, url, "it stops before its end")


class TooLargeSourceError(SourceError):
    """The answer exceeds a limit; ``limit`` says which, with its unit."""

    code = "source-too-large"

    def __init__(self, source: str, url: str, limit: str) -> None:
        super().__init__(source, url, f"larger than {limit}")


class IncompleteSourceError(SourceError):
    """The source declares one number of records and gives another."""

    code = "source-incomplete"

    def __init__(self, source: str, url: str, declared: int, given: int) -> None:
        super().__init__(source, url, f"declares {declared} records, gives {given}")
        self.declared = declared
        self.given = given


class LoopingSourceError(SourceError):
    """Paging never ends."""

    code = "source-looping"

    def __init__(self, source: str, url: str) -> None:
        super().__init__(source, url, "gives a page that was already read")


def public_url(url: str) -> str:
    """The address without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
