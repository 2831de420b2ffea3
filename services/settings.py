"""Where things lie and on which ports they listen: read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SERVICE_URLS = (
    "CKAN_SQLALCHEMY_URL",
    "CKAN_DATASTORE_WRITE_URL",
    "CKAN_DATASTORE_READ_URL",
    "CKAN_SOLR_URL",
    "CKAN_REDIS_URL",
)
"""Each names a service that runs elsewhere; the embedded twin then does not start."""

DATABASE_URLS = SERVICE_URLS[:3]


@dataclass(frozen=True)
class Ports:
    """TCP ports on 127.0.0.1; the environment variable of each is `PORTAL_<NAME>_PORT`."""

    web: int = 5000
    postgres: int = 5081
    valkey: int = 5082
    solr: int = 5083
    demo: int = 5100


PORT_VARIABLES = {
    "web": "PORTAL_PORT",
    "postgres": "PORTAL_POSTGRES_PORT",
    "valkey": "PORTAL_VALKEY_PORT",
    "solr": "PORTAL_SOLR_PORT",
    "demo": "PORTAL_DEMO_PORT",
}


@dataclass(frozen=True)
class Settings:
    """One portal on one machine.

    `var` holds what this portal writes; `tools` (always `var/` of the checkout) holds what any
    number of portals of the same checkout share: the virtual environment and Solr's jars.
    """

    var: Path
    ports: Ports
    given: Mapping[str, str]
    site_url: str
    template: Path
    trusted_hops: int = 0
    core: str = "ckan"
    root: Path = ROOT

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raise `ValueError` when a variable that is a number is none."""
        ports = Ports(
            **{
                name: int(environment[variable])
                for name, variable in PORT_VARIABLES.items()
                if environment.get(variable)
            }
        )
        return cls(
            var=Path(environment.get("PORTAL_VAR") or ROOT / "var").absolute(),
            ports=ports,
            given={name: environment[name] for name in SERVICE_URLS if environment.get(name)},
            template=Path(environment.get("PORTAL_CONFIG") or ROOT / "config" / "ckan.ini"),
            site_url=environment.get("CKAN_SITE_URL") or f"http://127.0.0.1:{ports.web}",
            trusted_hops=int(environment.get("PORTAL_TRUSTED_HOPS") or 0),
        )

    @property
    def tools(self) -> Path:
        return self.root / "var"

    @property
    def venv(self) -> Path:
        return self.tools / "venv"

    @property
    def solr_jars(self) -> Path:
        return self.tools / "solr-jars"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def ini(self) -> Path:
        return self.var / "ckan.ini"

    @property
    def admin_password(self) -> Path:
        return self.var / "admin-password"

    @property
    def solr_url(self) -> str:
        own = f"http://127.0.0.1:{self.ports.solr}/solr/{self.core}"
        return self.given.get("CKAN_SOLR_URL", own)

    def executable(self, name: str) -> str:
        """Path of a program of the virtual environment."""
        return str(self.venv / "bin" / name)

    def embeds_postgres(self) -> bool:
        return not all(self.given.get(name) for name in DATABASE_URLS)

    def embeds_valkey(self) -> bool:
        return "CKAN_REDIS_URL" not in self.given

    def embeds_solr(self) -> bool:
        return "CKAN_SOLR_URL" not in self.given
