"""Bad input: each with a clear message in both languages, the exit code of the contract, and nothing lost.

Every scenario goes through the real command over loopback HTTP: a good answer is read and published, then the source answers badly, and
what is public afterwards is compared byte for byte. On a machine where the tests run as root, permission bits bind nobody, so that the
command runs as another user there.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Result, run
from tests.loopback import Cut, Reply, Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

BASE = "https://stadt.example/dataset/"
NOBODY = 65534
SAME, CHANGED = True, False

ABC = feed("a", "b", "c")
XML = {"Content-Type": "application/rdf+xml"}
HTML = "<!DOCTYPE html><html><head><title>Wartung</title></head><body><p>Bitte später</p></body></html>"


def a_with(extra: str = "", **replaced: str) -> str:
    """The feed of a, b and c, with further statements about a; `replaced` are texts of a's description."""
    first = dataset("a", extra=extra)
    for old, new in replaced.items():
        first = first.replace(f'"Über {old}"', f'"{new}"')
    return HEAD + first + dataset("b") + dataset("c")


def rdf_xml(*names: str) -> str:
    """The feed in RDF/XML, umlauts included."""
    entries = "".join(
        f'<dcat:Dataset rdf:about="{BASE}{name}"><dct:title>Straßen {name}</dct:title><dct:description>Über Bäume</dct:description>'
        f'<dct:identifier>{name}</dct:identifier></dcat:Dataset>' for name in names
    )  # fmt: skip
    return (
        '<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#">{entries}</rdf:RDF>'
    )


def keywords(count: int) -> str:
    return "".join(f'; dcat:keyword "k{number}"' for number in range(count))


@dataclass(frozen=True)
class Bad:
    """What the source answers, and what is to come of it: exit code of sync, finding, what its text says, whether the export stays;
    `arrived` looks whether all of it is there.
    """

    answer: Reply
    exit: int
    finding: str
    german: str
    english: str
    export: bool = SAME
    good: Reply = turtle(ABC)  # noqa: RUF009  a constant
    arrived: Callable[[str], bool] = lambda export: True


SOURCES = {
    "not XML": Bad((200, XML, b"this is no XML at all"), 3, "rdf-invalid", "kein gültiges RDF", "no valid RDF"),
    "HTML with status 200": Bad(
        (200, {"Content-Type": "text/html"}, HTML), 3, "html-instead-of-data", "eine Internetseite für Menschen", "a web page for people"
    ),
    "HTML that claims to be RDF": Bad((200, XML, HTML), 3, "html-instead-of-data", "(«Wartung»)", "(“Wartung”)"),
    "truncated Turtle": Bad(turtle(ABC[:-200]), 3, "rdf-invalid", "kein gültiges RDF", "no valid RDF"),
    "truncated RDF/XML": Bad((200, XML, rdf_xml("a", "b", "c")[:-60]), 3, "rdf-invalid", "kein gültiges RDF", "no valid RDF"),
    "a connection that breaks": Bad(
        (200, {"Content-Type": "text/turtle"}, Cut(ABC, 900)), 3, "http-incomplete", "mitten in der Übertragung", "broke off"
    ),
    "Latin-1 declared as UTF-8": Bad(
        (200, XML, rdf_xml("a", "b", "c").encode("latin-1")), 0, "charset-repaired", "Zeichenkodierung ist falsch angegeben",
        "encoding", good=(200, XML, rdf_xml("a", "b", "c")),
    ),
    "0 bytes": Bad(turtle(b""), 3, "empty-answer", "eine leere Antwort", "empty answer"),
    "a valid empty catalog": Bad(
        turtle(HEAD + "<https://stadt.example/catalog> a dcat:Catalog ; dct:title 'Katalog' ."), 4, "listing-empty",
        "keinen einzigen Datensatz", "not one dataset",
    ),
    "a dataset that stands twice, with different content": Bad(
        turtle(ABC + f'<{BASE}a> dct:identifier "a" .'.encode()), 0, "", "", "",
    ),
    "two datasets without address that nothing tells apart": Bad(
        turtle(ABC + b"".join(b"[] a dcat:Dataset ; dct:identifier 'x' ; dcat:keyword '%s' .\n" % word for word in (b"d", b"e"))), 0,
        "identity-tied", "keine eigene Adresse", "no address of its own", export=CHANGED,
    ),
    "an IRI with a blank": Bad(
        turtle(ABC.replace(b"example/a.csv", b"example/a 1.csv")), 0, "iri-repaired", "enthält Zeichen", "characters", export=CHANGED
    ),
    "a predicate that no XML name can hold": Bad(
        turtle(a_with("; <https://stadt.example/def/123> 'x'")), 0, "withheld-predicate", "https://stadt.example/def/123",
        "https://stadt.example/def/123",
    ),
    "a description of 5 MB": Bad(
        turtle(a_with(a="Bäume. " * 715_000)), 0, "text-too-long", "länger als 100.000 Zeichen", "longer than 100,000", export=CHANGED,
        arrived=lambda export: export.count("Bäume. ") == 715_000,
    ),
    "30,000 keywords": Bad(
        turtle(a_with(keywords(30_000))), 0, "", "", "", export=CHANGED,
        arrived=lambda export: len(set(re.findall(r'"k\d+"', export))) == 30_000,
    ),
    "60,000 triples in one dataset": Bad(
        turtle(a_with(keywords(60_000))), 0, "fragment-too-large", "mehr als 50000 Aussagen", "more than 50000 statements"
    ),
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed": turtle(ABC)}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path / "region")
    made.member("stadt", f"{server.url}/feed")
    return made


def public(region: Region) -> tuple[bytes, bytes]:
    """The export and the entry page."""
    return region.export(), (region.folder / "public" / "catalog.ttl").read_bytes()


def published(region: Region) -> tuple[bytes, bytes]:
    """A first good round; what is public then."""
    assert run("-C", region.folder, "sync").code == 0
    return public(region)


def names_cause_and_remedy(result: Result, lang: str, said: str) -> None:
    assert said in result.said, result.said
    assert {"de": "Abhilfe: ", "en": "Remedy: "}[lang] in result.said
    assert "Traceback" not in result.said
    assert not re.search(r"\{\w*\}", result.said)  # no placeholder is left open


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_source_answers(name: str, region: Region, server: Server) -> None:
    bad = SOURCES[name]
    server.routes["/feed"] = bad.good
    before = published(region)
    server.routes["/feed"] = bad.answer
    first = run("-C", region.folder, "sync", lang="de")
    for lang, said in (("de", bad.german), ("en", bad.english)) if bad.finding else ():
        names_cause_and_remedy(run("-C", region.folder, "findings", "stadt", "--code", bad.finding, lang=lang), lang, said)
    again = run("-C", region.folder, "sync", lang="en")
    for result, lang, said in ((first, "de", bad.german), (again, "en", bad.english)):
        assert result.code == bad.exit, result.said
        if bad.exit:
            names_cause_and_remedy(result, lang, said)
    assert {f"{BASE}{one}" for one in "abc"} <= region.public()
    assert (public(region) == before) is bad.export
    assert bad.arrived(region.export().decode())


def test_a_repaired_address_is_published_and_told(region: Region, server: Server) -> None:
    server.routes["/feed"] = turtle(ABC.replace(b"example/a.csv", b"example/a 1.csv"))
    assert run("-C", region.folder, "sync").code == 0
    assert b"<https://stadt.example/a%201.csv>" in region.export()
    assert "a%201.csv" in run("-C", region.folder, "why", f"{BASE}a").out


def test_a_duplicate_identifier(region: Region, server: Server) -> None:
    server.routes["/feed"] = turtle(ABC.replace(b'dct:identifier "b"', b'dct:identifier "a"'))
    assert run("-C", region.folder, "sync").code == 0
    assert len(region.public()) == 3
    assert "identifier" in " ".join(region.codes("stadt"))


def test_a_finding_about_a_page_stays_as_long_as_the_page(region: Region, server: Server) -> None:
    server.routes["/feed"] = (200, XML, rdf_xml("a", "b", "c").encode("latin-1"))
    for _ in range(2):
        assert run("-C", region.folder, "sync").code == 0
        assert "charset-repaired" in region.codes("stadt")


@pytest.mark.xfail(reason="the fingerprint of a record does not know its repairs")
def test_a_finding_about_a_repair_leaves_with_the_flaw(region: Region, server: Server) -> None:
    server.routes["/feed"] = turtle(ABC.replace(b"example/a.csv", b"example/a 1.csv"))
    assert run("-C", region.folder, "sync").code == 0
    server.routes["/feed"] = turtle(ABC.replace(b"example/a.csv", b"example/a%201.csv"))
    assert run("-C", region.folder, "sync").code == 0
    assert "iri-repaired" not in region.codes("stadt")


def test_what_was_refused_is_told_on_the_spot(region: Region, server: Server) -> None:
    published(region)
    server.routes["/feed"] = turtle(a_with(keywords(60_000)))
    result = run("-C", region.folder, "sync", lang="de")
    assert "federation findings stadt" in result.err
    assert "letzter guter Stand bleibt öffentlich" in run("-C", region.folder, "why", f"{BASE}a", lang="de").said


def test_two_sources_that_describe_one_iri(region: Region, server: Server) -> None:
    before = published(region)
    server.routes["/other"] = turtle(HEAD + dataset("a", "Fremd"))
    region.member("zweite", f"{server.url}/other")
    assert run("-C", region.folder, "sync").code == 0
    assert public(region) == before
    for lang, said in (("de", "Zwei Quellen beschreiben dieselbe Adresse"), ("en", "Two sources describe the same address")):
        result = run("-C", region.folder, "findings", "zweite", lang=lang)
        names_cause_and_remedy(result, lang, said)
        assert "stadt" in result.said
    assert "stadt" in run("-C", region.folder, "why", f"{BASE}a").said


# What the operator writes: finding code, then what the message names besides cause and remedy.
Edit = Callable[[Region], None]


def in_member(old: str, new: str) -> Edit:
    def edit(region: Region) -> None:
        file = region.folder / "members" / "stadt.toml"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return edit


def no_folder_for_the_database(region: Region) -> None:
    with (region.folder / "federation.toml").open("a") as file:
        file.write('\n[store]\nurl = "sqlite:///nirgends/federation.db"\n')


CONFIGURATION: dict[str, tuple[Edit, int, str, list[str]]] = {
    "an unknown key in a TOML file": (
        in_member("stage =", "stages ="), 2, "config-unknown-key", ["members/stadt.toml", "2", "stages", "stage"],
    ),
    "a key that leads to no municipality": (
        in_member("stage =", 'key = "130039999999"\nstage ='), 2, "key-unknown", ["members/stadt.toml", "130039999999"],
    ),
    "a missing folder for the database": (no_folder_for_the_database, 1, "store-folder-missing", ["nirgends"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURATION)
def test_what_the_operator_writes(name: str, region: Region) -> None:
    edit, code, finding, named = CONFIGURATION[name]
    before = published(region)
    good = {file: file.read_bytes() for file in region.folder.rglob("*.toml")}
    edit(region)
    for lang in ("de", "en"):
        for command in ("sync", "publish", "status"):
            result = run("-C", region.folder, command, lang=lang)
            assert result.code == code, result.said
            assert finding in result.err
            assert result.out == ""
            for one in named:
                names_cause_and_remedy(result, lang, one)
    for file, content in good.items():
        file.write_bytes(content)
    assert public(region) == before


@pytest.mark.parametrize(("lang", "said"), [("de", "gibt es nicht"), ("en", "There is no folder")])
def test_a_missing_folder(tmp_path: Path, lang: str, said: str) -> None:
    result = run("-C", tmp_path / "nirgends", "sync", lang=lang)
    assert result.code == 2
    names_cause_and_remedy(result, lang, said)
    assert "nirgends" in result.err
    assert not (tmp_path / "nirgends").exists()


def test_a_missing_member_file_or_feed_folder(region: Region, tmp_path: Path) -> None:
    before = published(region)
    region.member("zweite", str(tmp_path / "nirgends"))
    result = run("-C", region.folder, "sync", lang="de")
    assert result.code == 3
    names_cause_and_remedy(result, "de", "nicht vorhanden")
    assert public(region) == before


def as_nobody(action: Callable[[], Result]) -> Result:
    """What an action comes to for a user who owns nothing; as it is where the tests do not run as root."""
    if os.geteuid() != 0:
        return action()
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            result = action()
        except Exception as error:  # noqa: BLE001  it is told in the other process
            result = Result(-1, "", repr(error))
        os.write(writable, f"{result.code}\0{result.out}\0{result.err}".encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        code, out, err = pipe.read().split("\0")
    os.waitpid(child, 0)
    return Result(int(code), out, err)


@pytest.fixture
def open_region(server: Server) -> Iterator[Region]:
    """A region in a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Region(Path(folder) / "region")
        made.member("stadt", f"{server.url}/feed")
        yield made


@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_a_read_only_database(open_region: Region, server: Server, what: str) -> None:
    before = published(open_region)
    server.routes["/feed"] = turtle(feed("a"))
    folder, file = open_region.folder, open_region.folder / "federation.db"
    folder.chmod(0o755 if what == "the file" else 0o555)
    file.chmod(0o444 if what == "the file" else 0o666)
    for lang, said in (("de", "darf von diesem Benutzerkonto nicht beschrieben werden"), ("en", "may not write")):
        for command in (["sync"], ["publish"], ["release", "stadt"]):
            result = as_nobody(lambda command=command, lang=lang: run("-C", folder, *command, lang=lang))
            assert result.code == 1, result.said
            names_cause_and_remedy(result, lang, said)
    folder.chmod(0o755)
    file.chmod(0o644)
    assert public(open_region) == before
