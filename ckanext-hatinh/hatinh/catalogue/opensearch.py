"""The OpenSearch description: how a browser or a program searches the portal.

https://github.com/dewitt/opensearch
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"


@dataclass(frozen=True)
class SearchSite:
    """Names and addresses; ``{searchTerms}`` stands for the words that are looked for."""

    short_name: str
    description: str
    icon: str
    page: str
    feed: str
    itself: str


def description(site: SearchSite) -> str:
    """The description document."""
    # Browsers show no more than sixteen letters of the name.
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<OpenSearchDescription xmlns="{NAMESPACE}">\n'
        f"<ShortName>{escape(site.short_name[:16])}</ShortName>\n"
        f"<Description>{escape(site.description[:1024])}</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n<Language>vi</Language>\n<Language>en</Language>\n"
        f'<Image type="image/svg+xml">{escape(site.icon)}</Image>\n'
        f'<Url type="text/html" template={quoteattr(site.page)}/>\n'
        f'<Url type="application/atom+xml" template={quoteattr(site.feed)}/>\n'
        '<Url type="application/opensearchdescription+xml" rel="self" '
        f"template={quoteattr(site.itself)}/>\n"
        "</OpenSearchDescription>\n"
    )
