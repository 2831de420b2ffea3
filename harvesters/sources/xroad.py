"""Services behind the adapter of an X-Road security server (VDXP, NDXP)."""

from harvesters.sources.lgsp import GatewaySource
from harvesters.sources.lgsp_transport import XRoadTransport


class XRoadSource(GatewaySource):
    """The same services and rows as on an LGSP, forwarded by a security server."""

    family = XRoadTransport
