"""A small region for tests: a workspace in a folder, sources on a loopback server, rounds run in this process."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from federation import config
from federation.config import FederationConfig
from federation.publish.feeds import whole
from federation.publish.generation import Generation, generation
from federation.schedule import Outcome, publish_now, round
from federation.store import tables as t
from federation.store.store import Store

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FEDERATION = """
[catalog]
title = "Offene Daten der Testregion"
base_url = "https://daten.region.example"
publisher = "Regionalverband Test"
license = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
{catalog}
[network]
allow = ["127.0.0.0/8"]
retries = 0
"""


def dataset(name: str, title: str = "", extra: str = "", city: str = "https://stadt.example") -> str:
    """One complete dataset in Turtle with one distribution and a blank contact."""
    return f"""<{city}/dataset/{name}> a dcat:Dataset ; dct:title "{title or name}" ; dct:description "Über {name}" ;
  dct:identifier "{name}" ; dcat:keyword "Straße" ; dct:publisher <{city}/amt> ;
  dcat:contactPoint [ a vcard:Organization ; vcard:fn "Amt" ; vcard:hasEmail <mailto:opendata@stadt.example> ] ;
  dcat:distribution <{city}/dataset/{name}/csv> {extra} .
<{city}/dataset/{name}/csv> a dcat:Distribution ; dcat:accessURL <{city}/{name}.csv> ; dct:format "CSV" ;
  dct:license <http://dcat-ap.de/def/licenses/cc-zero> .
<{city}/amt> a foaf:Organization ; foaf:name "Stadt Beispiel" .
"""


def feed(*names: str, more: str = "") -> bytes:
    """A Turtle document with these datasets."""
    return (HEAD + "".join(dataset(name) for name in names) + more).encode()


def turtle(body: bytes | str) -> tuple[int, dict[str, str], bytes]:
    """An answer of a server with the right content type."""
    return 200, {"Content-Type": "text/turtle"}, body.encode() if isinstance(body, str) else body


class Region:
    """A workspace with members; `member` writes or rewrites one, `sync` runs a round, `states` reads what is stored."""

    def __init__(self, folder: Path, catalog: str = "") -> None:
        self.folder = folder
        (folder / "members").mkdir(parents=True, exist_ok=True)
        (folder / "federation.toml").write_text(FEDERATION.format(catalog=catalog), encoding="utf-8")

    def member(
        self, name: str, url: str, *, stage: str = "region", connector: str = "dcat", options: str = "", source: str = "", more: str = "",
    ) -> None:  # fmt: skip
        """One member with one source; `source` are further lines of [[source]], `more` further tables."""
        (self.folder / "members" / f"{name}.toml").write_text(
            f'title = "{name.title()}"\nstage = "{stage}"\n[[source]]\nconnector = "{connector}"\nurl = "{url}"\n{source}\n'
            f"{f'[source.options]{chr(10)}{options}' if options else ''}\n{more}\n",
            encoding="utf-8",
        )

    @property
    def config(self) -> FederationConfig:
        """Read anew each time, as a command would."""
        return config.load(self.folder)

    def open(self) -> Store:
        """The store of this region."""
        return Store.open("sqlite:///federation.db", folder=self.folder)

    def sync(self, *names: str, **how: Any) -> Outcome:
        """One round over all or the named sources."""
        settings = self.config
        with self.open() as store:
            return round(settings, store, [s for s in settings.sources() if not names or s.id in names], **how)

    def publish(self) -> Generation:
        """Publishes what is live."""
        with self.open() as store:
            return publish_now(self.config, store)

    def generation(self) -> Generation:
        """Decides what is public, without writing feeds."""
        with self.open() as store:
            return generation(self.config, store)

    def states(self, source: str) -> dict[str, str]:
        """{identifier: state} of the datasets of a source."""
        with self.open() as store:
            return {name: row.state for name, row in store.known(source).items() if row.kind in ("dataset", "series")}

    def public(self) -> set[str]:
        """The IRIs of the public datasets."""
        with self.open() as store:
            return {row.iri for row in store.items(kind="dataset")}

    def codes(self, source: str) -> set[str]:
        """The finding codes of a source."""
        with self.open() as store:
            return {row.code for row in store.findings(source=source)}

    def export(self, form: str = "ttl") -> bytes:
        """The whole public catalog."""
        with self.open() as store:
            return b"".join(chunk for chunk, _ in whole(self.config, store, form))

    def rows(self, tables: Iterable[str] = ("record", "item", "change", "generation", "body", "response")) -> Mapping[str, str]:
        """A digest of each table's content, to prove that nothing was written."""
        digests = {}
        with self.open() as store, store.read() as connection:
            for name in tables:
                rows = sorted(repr(tuple(row)) for row in connection.execute(select(t.metadata.tables[name])))
                digests[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return digests
