"""What can stop a start, told in Vietnamese and English with its mend.

The texts are data: `messages.ini`, one section per code.
"""

from configparser import ConfigParser
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("messages.ini")


@cache
def catalogue() -> ConfigParser:
    """Return every text of the launcher: sections are codes, options are `vi` and `en`."""
    texts = ConfigParser(interpolation=None)
    texts.read(CATALOGUE, encoding="utf-8")
    return texts


def text(code: str, language: str, **values: object) -> str:
    return catalogue().get(code, language).format(**values)


class LaunchError(Exception):
    """The portal cannot start or go on. `code` is a section of `messages.ini`."""

    def __init__(self, code: str, detail: str = "", **values: object) -> None:
        self.code = code
        self.detail = detail
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        lines = [f"[{self.code}]"]
        lines += [f"  {text(self.code, language, **self.values)}" for language in ("vi", "en")]
        lines += [f"    | {line}" for line in self.detail.splitlines()]
        return "\n".join(lines)
