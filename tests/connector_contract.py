"""What every connector promises, as tests that each inherits.

A connector's test module makes a subclass whose name begins with Test and gives `connector` (its id) and `serve(names)`: a context manager
in which a source at `server.url` offers one complete dataset per name. `server` is whatever that needs; it has `url`, `offer(names)` (from
now on these), `break_one(name)` (that dataset cannot be used any more; left out where nothing can break one), `truncate()`
(it claims more than it gives), `fail(status)` (every
answer is that HTTP status from now on; 0: well again) and `count` (requests so far).
"""

import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest

from federation.config import NetworkSettings, Source
from federation.dcat.description import Description
from federation.errors import SourceError
from federation.finding import Severity, texts
from federation.harvest.connector import Connector, Record, Response, State, connector, options_of
from federation.harvest.http import Http
from federation.terms import DCAT
from tests.region import Region


class Offering(Protocol):
    """A server with datasets; see the module's docstring."""

    url: str

    @property
    def count(self) -> int: ...
    def offer(self, names: Iterable[str]) -> None: ...
    def truncate(self) -> None: ...
    def fail(self, status: int) -> None: ...


def door() -> Http:
    """The network door for loopback, without repetitions."""
    return Http(NetworkSettings.model_validate({"allow": ["127.0.0.0/8"], "retries": 0}))


class ConnectorContract:
    """Inherit, set `connector`, write `serve`. `options` are the source's."""

    connector: str
    options: str = ""
    many = 25
    violations: frozenset[str] = frozenset()
    """Codes of violations that a complete dataset of this kind may have all the same."""

    def serve(self, names: Sequence[str]) -> AbstractContextManager[Any]:
        """A server that offers one complete dataset per name."""
        raise NotImplementedError

    # what tests need

    @property
    def kind(self) -> Connector[Any]:
        """The connector itself."""
        return connector(self.connector)

    def names(self, count: int) -> list[str]:
        """Names of datasets, in the order in which they sort."""
        return [f"satz-{number:03}" for number in range(count)]

    def source(self, url: str) -> Source:
        """A source with this address."""
        return Source(id="stadt", member="stadt", connector=self.connector, url=url)

    def region(self, folder: Path, url: str) -> Region:
        """A workspace with one member that reads the server."""
        region = Region(folder)
        region.member(
            "stadt", url, connector=self.connector, options=self.options, source="missing_runs = 1\nmaximum_loss = 0.5\nfull_every = 0"
        )
        return region

    def read(self, url: str) -> list[Record]:
        """All records of one reading."""
        with door() as http:
            source = self.source(url)
            options = options_of(source)
            steps = [step for step in self.kind.fetch(source, options, http, State()) if isinstance(step, Response)]
            return [record for step in steps for record in self.kind.split(step, options)]

    # the promises

    def test_fetching_is_lazy(self) -> None:
        with self.serve(self.names(self.many)) as server, door() as http:
            source = self.source(server.url)
            steps = self.kind.fetch(source, options_of(source), http, State())
            assert server.count == 0
            assert isinstance(steps, Iterator)
            next(steps)
            assert server.count > 0

    def test_splitting_and_mapping_need_nothing_but_the_response(self) -> None:
        with self.serve(self.names(3)) as server, door() as http:
            source = self.source(server.url)
            options = options_of(source)
            steps = [step for step in self.kind.fetch(source, options, http, State()) if isinstance(step, Response)]
        made: list[Description] = []
        with _no_sockets():
            for step in steps:
                made += [self.kind.map(record, options) for record in self.kind.split(step, options) if record.kind == "dataset"]
        assert len(made) == 3

    def test_the_same_bytes_give_the_same_records_and_descriptions(self) -> None:
        with self.serve(self.names(5)) as server:
            first, second = self.read(server.url), self.read(server.url)
        options = options_of(self.source(server.url))
        assert [(one.identifier, one.kind, one.raw, one.digest()) for one in first] == [
            (one.identifier, one.kind, one.raw, one.digest()) for one in second
        ]
        for one, other in zip(first, second, strict=True):
            if one.identifier:
                again = self.kind.map(Record(one.identifier, one.kind, one.raw, one.stamp), options)
                assert (
                    sorted(self.kind.map(other, options).triples())
                    == sorted(again.triples())
                    == sorted(self.kind.map(one, options).triples())
                )

    def test_every_dataset_arrives_and_a_second_run_changes_nothing(self, tmp_path: Path) -> None:
        names = self.names(self.many)
        with self.serve(names) as server:
            region = self.region(tmp_path, server.url)
            (run,) = region.sync().runs
            assert (run.outcome, run.counts.listed, run.counts.new) == ("done", len(names), len(names))
            public, rows = region.public(), region.rows(("item", "change", "generation", "body"))
            assert len(public) == len(names)
            (again,) = region.sync().runs
            assert (again.outcome, again.counts.new, again.counts.changed, again.counts.gone) == ("done", 0, 0, 0)
            assert region.rows(("item", "change", "generation", "body")) == rows
            (full,) = region.sync(full=True).runs
            assert (full.counts.unchanged, full.counts.changed) == (len(names), 0)
            assert region.rows(("item", "change", "generation", "body")) == rows

    def test_what_goes_out_with_the_changes_undone_is_what_came_in(self, tmp_path: Path) -> None:
        with self.serve(self.names(3)) as server:
            region = self.region(tmp_path, server.url)
            region.sync()
            options = options_of(region.config.sources()[0])
            with region.open() as store:
                checked = 0
                for name, row in store.known("stadt").items():
                    stored = store.record("stadt", name)
                    body = store.body(row.body) if row.body else None
                    if stored is None or body is None or row.kind != "dataset":
                        continue
                    made = Description(f"<{row.iri}>", row.kind, changes=list(stored.changes or ()))
                    for line in body.nt.decode().splitlines():
                        made.say(*line[:-2].split(" ", 2))
                    said = self.kind.map(Record(name, row.kind, stored.raw or b""), options).undone()
                    assert _words(made.undone()) == _words(said)
                    checked += 1
            assert checked == 3

    def test_what_goes_out_passes_the_check(self, tmp_path: Path) -> None:
        with self.serve(self.names(3)) as server:
            region = self.region(tmp_path, server.url)
            region.sync()
            with region.open() as store:
                found = {row.code for row in store.findings(source="stadt") if texts()[row.code].severity is Severity.VIOLATION}
        assert found <= self.violations

    def test_a_broken_dataset_is_one_finding_and_the_others_go_on(self, tmp_path: Path) -> None:
        names = self.names(4)
        with self.serve(names) as server:
            if not hasattr(server, "break_one"):
                pytest.skip("nothing that this kind of source says can break a record")
            region = self.region(tmp_path, server.url)
            region.sync()
            server.break_one(names[1])
            (run,) = region.sync().runs
            assert (run.outcome, run.counts.rejected) == ("done", 1)
            assert len(region.public()) == 4  # its last good version stays

    def test_a_dataset_that_leaves_the_listing_leaves_the_catalog(self, tmp_path: Path) -> None:
        names = self.names(5)
        with self.serve(names) as server:
            region = self.region(tmp_path, server.url)
            region.sync()
            server.offer(names[1:])
            (run,) = region.sync(full=True).runs
            assert (run.outcome, run.counts.gone) == ("done", 1)
            assert len(region.public()) == 4

    def test_a_truncated_listing_never_deletes(self, tmp_path: Path) -> None:
        with self.serve(self.names(self.many)) as server:
            region = self.region(tmp_path, server.url)
            region.sync()
            public = region.public()
            server.truncate()
            (run,) = region.sync(full=True).runs
            assert run.outcome in ("held", "failed")
            assert region.public() == public

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_an_error_of_the_server_ends_the_run_with_what_to_do(self, status: int, tmp_path: Path) -> None:
        with self.serve(self.names(3)) as server:
            region = self.region(tmp_path, server.url)
            region.sync()
            public = region.public()
            server.fail(status)
            (run,) = region.sync().runs
            assert run.outcome == "failed"
            assert isinstance(run.error, SourceError)
            assert run.error.finding().remedy("de")
            assert region.public() == public
            server.fail(0)
            (well,) = region.sync().runs
            assert well.outcome == "done"


def _words(description: Description) -> list[tuple[str, ...]]:
    """The statements without the names of blank nodes and of what the engine names."""
    named = (
        {node for node in description.nodes if node[0] == "_"}
        | set(description.values(description.root, DCAT.distribution))
        | {description.root}
    )
    return sorted((prop, "" if term in named else term) for _, prop, term in description.triples())


class _NoSockets:
    def __enter__(self) -> None:
        self._real = socket.socket.connect

        def refuse(*_: object) -> None:
            raise AssertionError("split and map may not use the network")

        socket.socket.connect = refuse  # type: ignore[assignment, method-assign]

    def __exit__(self, *_: object) -> None:
        socket.socket.connect = self._real  # type: ignore[method-assign]


def _no_sockets() -> _NoSockets:
    return _NoSockets()
