"""Which adapter reads which kind of source. A new kind is one file and one line here."""

from collections.abc import Mapping

from harvesters.conditional import Visited
from harvesters.http import Client
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from harvesters.sources.ckan import CkanSource
from harvesters.sources.csw import CswSource
from harvesters.sources.datajson import DataJsonSource
from harvesters.sources.dcat import DcatSource
from harvesters.sources.folder import FolderSource
from harvesters.sources.indicators import IndicatorSource
from harvesters.sources.inventory import InventorySource
from harvesters.sources.iso import IsoSource
from harvesters.sources.lgsp import LgspAccessTokenSource, LgspSource
from harvesters.sources.lgsp_services import ServiceListSource
from harvesters.sources.waf import WafSource
from harvesters.sources.xroad import XRoadSource
from hatinh.errors import SchemaError

ADAPTERS: Mapping[str, type[Adapter]] = {
    "ckan": CkanSource,
    "csw": CswSource,
    "datajson": DataJsonSource,
    "dcat": DcatSource,
    "folder": FolderSource,
    "indicators": IndicatorSource,
    "inventory": InventorySource,
    "iso": IsoSource,
    "lgsp": LgspSource,
    "lgsp_accesstoken": LgspAccessTokenSource,
    "lgsp_services": ServiceListSource,
    "waf": WafSource,
    "xroad": XRoadSource,
}


def open_source(config: SourceConfig, client: Client, visited: Visited | None = None) -> Adapter:
    """The adapter of a configured source. Its kind was checked when the file was loaded.

    ``visited`` is the memory of its last complete run; without one everything is read.
    Raises :class:`hatinh.errors.SchemaError` when a secret that it needs is not set.
    """
    adapter = ADAPTERS[config.kind]
    if missing := sorted(adapter.required_secrets - config.secrets.keys()):
        named = ", ".join(config.unset or missing)
        fault = f"{named} not set; set it in the environment of the process that harvests"
        raise SchemaError(f"secrets of source {config.name}", fault)
    source = adapter(config, client.bound_to(config, adapter.addresses(config)))
    source.visited = visited or source.visited
    return source
