"""One file of geographic metadata: a record after ISO 19139 or ISO 19115-3, or several."""

from collections.abc import Iterator

from lxml import etree

from harvesters.documents import read_xml
from harvesters.errors import GarbledSourceError
from harvesters.geographic import draft_of, records_of
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft


class IsoSource(Adapter):
    """``url`` is the file. ``options.topics`` as for CSW."""

    optional_options = frozenset({"topics"})

    def drafts(self) -> Iterator[Draft]:
        """The records of the file, in its order."""
        response = self.document(self.config.url)
        root = read_xml(self.name, response)
        records = records_of(root)
        if not records:
            why = f"{etree.QName(root).localname}, no record of ISO metadata"
            raise GarbledSourceError(self.name, response.url, why)
        topics = self.config.options.get("topics", {})
        for record in records:
            yield draft_of(record, response.url, topics, self.table_schema)
