"""One small catalogue of every kind and shape."""

import json
import zlib
from collections.abc import Callable

from peers import TITLES, Asked, Reply, Script, Scripted


def ckan(server: Scripted) -> Script:
    """A CKAN portal that gives one package a page, whatever is asked."""
    script = Script(server, "ckan", "", declares=True, pages=True)

    def search(asked: Asked) -> Reply:
        start = 0 if script.stuck else int(asked.query["start"])
        packages = [
            {
                "id": guid,
                "name": guid,
                "title": title,
                "resources": [{"id": f"{guid}-f", "url": script.file_url(guid), "format": "CSV"}],
            }
            for guid, title in script.titles.items()
        ]
        found = {"count": len(packages) + script.surplus, "results": packages[start : start + 1]}
        return Reply(json.dumps({"success": True, "result": found}).encode())

    script.serve("/api/3/action/package_search", search)
    return script


def csw(server: Scripted) -> Script:
    """A CSW that gives one record a page."""
    script = Script(server, "csw", "/csw", declares=True, pages=True)
    text = "<gmd:{0}><gco:CharacterString>{1}</gco:CharacterString></gmd:{0}>"

    def record(guid: str, title: str) -> str:
        return (
            f"<gmd:MD_Metadata>{text.format('fileIdentifier', guid)}"
            "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>"
            f"{text.format('title', title)}</gmd:CI_Citation></gmd:citation>"
            "</gmd:MD_DataIdentification></gmd:identificationInfo>"
            "<gmd:distributionInfo><gmd:MD_Distribution><gmd:onLine><gmd:CI_OnlineResource>"
            f"<gmd:linkage><gmd:URL>{script.file_url(guid)}</gmd:URL></gmd:linkage>"
            "</gmd:CI_OnlineResource></gmd:onLine></gmd:MD_Distribution></gmd:distributionInfo>"
            "</gmd:MD_Metadata>"
        )

    def answer(asked: Asked) -> Reply:
        start = 1 if script.stuck else int(asked.query["startPosition"])
        records = [record(*entry) for entry in script.titles.items()]
        following = start + 1 if start < len(records) else 0
        return Reply(
            (
                '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
                'xmlns:gmd="http://www.isotc211.org/2005/gmd" '
                'xmlns:gco="http://www.isotc211.org/2005/gco">'
                f'<csw:SearchStatus timestamp="{len(server.asked)}"/>'
                f'<csw:SearchResults numberOfRecordsMatched="{len(records) + script.surplus}" '
                f'nextRecord="{following}">{"".join(records[start - 1 : start])}'
                "</csw:SearchResults></csw:GetRecordsResponse>"
            ).encode(),
            "application/xml",
        )

    script.serve("/csw", answer)
    return script


def page_of(script: Script, asked: Asked) -> tuple[int, str, str]:
    """The page that is asked for, and the identity and title of the one record on it."""
    page = 1 if script.stuck else int(asked.query.get("page", "1"))
    return page, *list(script.titles.items())[page - 1]


def dcat(server: Scripted) -> Script:
    """A DCAT catalogue in Turtle, one dataset a page."""
    script = Script(server, "dcat", "/catalog.ttl", declares=True, pages=True)

    def answer(asked: Asked) -> Reply:
        page, guid, title = page_of(script, asked)
        url = f"{server.url}/catalog.ttl"
        following = f"; hydra:next <{url}?page=2>" if page == 1 else ""
        return Reply(
            (
                "@prefix dcat: <http://www.w3.org/ns/dcat#> ."
                "@prefix dct: <http://purl.org/dc/terms/> ."
                "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
                f"<{url}?page={page}> hydra:totalItems {2 + script.surplus} {following} .\n"
                f"<{url}> a dcat:Catalog ; dcat:dataset <#{guid}> .\n"
                f'<#{guid}> a dcat:Dataset ; dct:identifier "{guid}" ; dct:title "{title}"@vi ;\n'
                f"  dcat:distribution <#{guid}-f> .\n"
                f'<#{guid}-f> dcat:downloadURL <{script.file_url(guid)}> ; dct:format "CSV" .\n'
            ).encode(),
            "text/turtle; charset=utf-8",
        )

    script.serve("/catalog.ttl", answer)
    return script


def dcat_xml(server: Scripted) -> Script:
    """The same in RDF/XML, the second page listed by the first already."""
    script = Script(server, "dcat", "/catalog.rdf", declares=True, pages=True)

    def answer(asked: Asked) -> Reply:
        page, guid, title = page_of(script, asked)
        url = f"{server.url}/catalog.rdf"
        following = f'<hydra:next rdf:resource="{url}?page=2"/>' if page == 1 else ""
        listed = "".join(f'<dcat:dataset rdf:resource="#{guid}"/>' for guid in script.titles)
        return Reply(
            (
                '<?xml version="1.0" encoding="utf-8"?>'
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
                'xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/" '
                'xmlns:hydra="http://www.w3.org/ns/hydra/core#">'
                f'<dcat:Catalog rdf:about="{url}">{listed}{following}'
                f"<hydra:totalItems>{2 + script.surplus}</hydra:totalItems></dcat:Catalog>"
                f'<dcat:Dataset rdf:about="{url}#{guid}">'
                f'<dct:identifier>{guid}</dct:identifier><dct:title xml:lang="vi">{title}'
                "</dct:title><dcat:distribution><dcat:Distribution>"
                f'<dcat:downloadURL rdf:resource="{script.file_url(guid)}"/>'
                "</dcat:Distribution></dcat:distribution></dcat:Dataset></rdf:RDF>"
            )
            .replace('rdf:resource="#', f'rdf:resource="{url}#')
            .encode(),
            "application/rdf+xml",
        )

    script.serve("/catalog.rdf", answer)
    return script


def dcat_json(server: Scripted) -> Script:
    """A DCAT catalogue in JSON-LD, all datasets on one page."""
    script = Script(server, "dcat", "/catalog.jsonld", declares=True)

    def answer(asked: Asked) -> Reply:
        del asked
        datasets = [
            {
                "@type": "dcat:Dataset",
                "dct:identifier": guid,
                "dct:title": {"@value": title, "@language": "vi"},
                "dcat:distribution": {"dcat:downloadURL": {"@id": script.file_url(guid)}},
            }
            for guid, title in script.titles.items()
        ]
        document = {
            "@context": {
                "dcat": "http://www.w3.org/ns/dcat#",
                "dct": "http://purl.org/dc/terms/",
                "hydra": "http://www.w3.org/ns/hydra/core#",
            },
            "@type": "dcat:Catalog",
            "hydra:totalItems": len(datasets) + script.surplus,
            "dcat:dataset": datasets,
        }
        return Reply(json.dumps(document).encode(), "application/ld+json")

    script.serve("/catalog.jsonld", answer)
    return script


def datajson(server: Scripted) -> Script:
    """A ``data.json``."""
    script = Script(server, "datajson", "/data.json")

    def answer(asked: Asked) -> Reply:
        del asked
        datasets = [
            {
                "@type": "dcat:Dataset",
                "identifier": guid,
                "title": title,
                "distribution": [{"downloadURL": script.file_url(guid), "mediaType": "text/csv"}],
            }
            for guid, title in script.titles.items()
        ]
        catalogue = {"conformsTo": "https://project-open-data.cio.gov/v1.1/schema"}
        return Reply(json.dumps({**catalogue, "dataset": datasets}).encode())

    script.serve("/data.json", answer)
    return script


def iso_record(guid: str, title: str, file_url: str) -> str:
    """A record after ISO 19115-3."""
    text = "<gco:CharacterString>{}</gco:CharacterString>"
    return (
        '<mdb:MD_Metadata xmlns:mdb="http://standards.iso.org/iso/19115/-3/mdb/2.0" '
        'xmlns:mcc="http://standards.iso.org/iso/19115/-3/mcc/1.0" '
        'xmlns:cit="http://standards.iso.org/iso/19115/-3/cit/2.0" '
        'xmlns:mri="http://standards.iso.org/iso/19115/-3/mri/1.0" '
        'xmlns:mrd="http://standards.iso.org/iso/19115/-3/mrd/1.0" '
        'xmlns:gco="http://standards.iso.org/iso/19115/-3/gco/1.0">'
        f"<mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code>{text.format(guid)}</mcc:code>"
        "</mcc:MD_Identifier></mdb:metadataIdentifier>"
        "<mdb:identificationInfo><mri:MD_DataIdentification><mri:citation><cit:CI_Citation>"
        f"<cit:title>{text.format(title)}</cit:title></cit:CI_Citation></mri:citation>"
        "</mri:MD_DataIdentification></mdb:identificationInfo>"
        "<mdb:distributionInfo><mrd:MD_Distribution><mrd:transferOptions>"
        "<mrd:MD_DigitalTransferOptions><mrd:onLine><cit:CI_OnlineResource>"
        f"<cit:linkage>{text.format(file_url)}</cit:linkage></cit:CI_OnlineResource></mrd:onLine>"
        "</mrd:MD_DigitalTransferOptions></mrd:transferOptions></mrd:MD_Distribution>"
        "</mdb:distributionInfo></mdb:MD_Metadata>"
    )


def iso_records(script: Script) -> list[str]:
    """All records of a source after ISO 19115-3."""
    return [iso_record(guid, title, script.file_url(guid)) for guid, title in script.titles.items()]


def csw_page(script: Script, records: list[str]) -> Reply:
    """All records of a CSW on one page, which leads nowhere."""
    return Reply(
        (
            '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
            f'<csw:SearchResults numberOfRecordsMatched="{len(records) + script.surplus}" '
            f'nextRecord="0">{"".join(records)}</csw:SearchResults></csw:GetRecordsResponse>'
        ).encode(),
        "text/xml",
    )


def csw_19115_3(server: Scripted) -> Script:
    """A CSW that gives its records after ISO 19115-3, all on one page, and leads nowhere."""
    script = Script(
        server, "csw", "/csw3", options={"profile": "iso19115-3"}, declares=True, pages=False
    )

    def answer(asked: Asked) -> Reply:
        assert asked.query["typeNames"] == "mdb:MD_Metadata"
        return csw_page(script, iso_records(script))

    script.serve("/csw3", answer)
    return script


def csw_dcat(server: Scripted) -> Script:
    """A CSW that gives its records in DCAT, each a graph of its own."""
    script = Script(server, "csw", "/csw-dcat", options={"profile": "dcat"}, declares=True)

    def answer(asked: Asked) -> Reply:
        assert asked.query["outputSchema"] == "http://www.w3.org/ns/dcat#"
        records = [
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/">'
            f'<dcat:Dataset rdf:about="{server.url}/{guid}"><dct:identifier>{guid}'
            f"</dct:identifier><dct:title>{title}</dct:title><dcat:distribution>"
            f'<dcat:Distribution><dcat:accessURL rdf:resource="{script.file_url(guid)}"/>'
            "</dcat:Distribution></dcat:distribution></dcat:Dataset></rdf:RDF>"
            for guid, title in script.titles.items()
        ]
        return csw_page(script, records)

    script.serve("/csw-dcat", answer)
    return script


def iso(server: Scripted) -> Script:
    """One file with two records."""
    script = Script(server, "iso", "/ban-do.xml")

    def answer(asked: Asked) -> Reply:
        del asked
        return Reply(
            f"<records>{''.join(iso_records(script))}</records>".encode(), "application/xml"
        )

    script.serve("/ban-do.xml", answer)
    return script


def waf(server: Scripted) -> Script:
    """A folder as a web server lists it, with one file in it and one in a folder below."""
    script = Script(server, "waf", "/waf/")
    first, second = TITLES

    def listing(*names: str) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            del asked
            # A file that changes gets a new day, as on any disk.
            day = 1 + zlib.crc32("".join(script.titles.values()).encode()) % 28
            rows = (f'<a href="{name}">{name}</a> 2026-01-{day:02} 03:04 5K' for name in names)
            head = '<a href="?C=N;O=D">Name</a> <a href="/">Up</a>'
            page = f"<html><body><pre>{head} {' '.join(rows)}</pre></body></html>"
            return Reply(page.encode(), "text/html")

        return answer

    def record(guid: str) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            del asked
            text = iso_record(guid, script.titles[guid], script.file_url(guid))
            return Reply(text.encode(), "application/xml")

        return answer

    script.serve("/waf/", listing(f"{first}.xml", "duoi/", "readme.txt"))
    script.serve("/waf/duoi/", listing(f"{second}.xml", "../"))
    script.serve(f"/waf/{first}.xml", record(first))
    script.serve(f"/waf/duoi/{second}.xml", record(second))
    return script
