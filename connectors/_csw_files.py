"""ISO records in local files: a folder, or some files of it. Answers of a CSW that were saved are read like single records."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from connectors import _csw_pages as pages
from connectors._csw_options import CswOptions
from connectors._iso_coupling import Couplings
from connectors._iso_facts import Facts
from connectors._iso_read import sketch
from federation.config import Source
from federation.dcat.names import content
from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest import screen
from federation.harvest.connector import Response, State, Stored

_ENDINGS = (".xml", ".iso")


def local_path(url: str) -> Path | None:
    """The local file or folder that a source names, None for an address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(url) if "://" not in url else None


class Files:
    """One reading of local files."""

    def __init__(self, source: Source, options: CswOptions, state: State) -> None:
        self._source, self._options, self._state = source, options, state

    def read(self, path: Path) -> Iterator[Response]:
        """One Response per file with records; what is no ISO metadata is a finding at the last one."""
        kept: list[tuple[str, bytes]] = []
        findings: list[Finding] = []
        services, parents, whole = list[Facts](), set[str](), True
        for file in self._files(path):
            url = file.resolve().as_uri()
            try:
                body, said = self._body(file, url)
            except SourceError as error:
                told = {"reason": error.finding().cause("de"), "code": error.code}
                findings.append(Finding("csw-file-broken", value=file.name, params=told))
                whole = False
                continue
            if not said:
                findings.append(Finding("csw-file-not-iso", value=file.name))
                continue
            services += [each for each in said if each.kind == "service"]
            parents |= {each.parent for each in said if each.parent and pages.is_dataset(each)}
            kept.append((url, zlib.compress(body, 1)))
        couplings = Couplings(services, self._source.openness.widen)
        if not kept:
            yield Response(path.resolve().as_uri(), b"<none/>", "application/xml", findings=findings, complete=whole)
        for position, (url, packed) in enumerate(kept):
            body = zlib.decompress(packed)
            made = self._response(url, pages.joined(body, [sketch(each) for each in pages.page(body, url).records], couplings, parents))
            if position == len(kept) - 1:
                loose = [
                    Finding(code, dataset=service, field="srv:operatesOn", value=said, params={"service": service, "reference": said})
                    for code, service, said in couplings.loose_ends()
                ]  # fmt: skip
                made = replace(made, findings=[*findings, *loose], complete=whole)
            yield made

    def _response(self, url: str, body: bytes) -> Response:
        stored = Stored() if self._state.full else self._state.responses.get(url, Stored())
        if stored.same(body):
            return Response(url, unchanged=True, digest=stored.digest)
        return Response(url, body, "application/xml", digest=content(body))

    def _body(self, file: Path, url: str) -> tuple[bytes, list[Facts]]:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise SourceError("file-unreadable", source=self._source.id, url=str(file), reason=error.strerror or str(error)) from error
        body, _ = pages.screened(raw, "", url, self._source.id)
        return body, [sketch(each) for each in pages.page(body, url, self._source.id).records]

    def _files(self, path: Path) -> list[Path]:
        if path.is_dir():
            names = self._options.files
            found = [path / name for name in names] if names else sorted(
                file for file in path.rglob("*") if file.is_file() and screen.suffix(file.name) in _ENDINGS
            )  # fmt: skip
        else:
            found = [path]
        missing = [file for file in found if not file.is_file()]
        if missing or not found:
            raise SourceError("file-missing", source=self._source.id, url=str(missing[0] if missing else path))
        return found
