"""`python -m tests.nasty_source`: a nasty source to try by hand."""

import argparse
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.nasty_source.catalog import generated, read
from tests.nasty_source.certificate import selfmade
from tests.nasty_source.faults import FAULTS
from tests.nasty_source.protocols import protocols
from tests.nasty_source.scene import Server


def _help() -> str:
    lines = ["protocols and their forms:"]
    for protocol in protocols().values():
        lines.append(f"  {protocol.NAME}: {protocol.SAYS}")
        lines += [f"    {form:18} {says}" for form, says in protocol.FORMS.items()]
    lines.append("\nfaults:")
    for fault in FAULTS.values():
        only = f" (only {', '.join(fault.protocols)})" if fault.protocols else ""
        lines.append(f"  {fault.name:22} {fault.says}{only}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.nasty_source", description="Serves a catalog with a fault. Ends with Ctrl+C.", epilog=_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--protocol", choices=sorted(protocols()), default="dcat")
    parser.add_argument("--form", default="", help="form of the protocol, see below")
    parser.add_argument("--fault", choices=sorted(FAULTS), metavar="FAULT", help="what is wrong, see below; without it all is well")
    parser.add_argument("--file", type=Path, help="a recorded catalog to serve (RDF or CKAN's JSON, .gz too) instead of invented datasets")
    parser.add_argument("--datasets", type=int, default=12, help="how many invented datasets (12)")
    parser.add_argument("--page", type=int, default=100, help="datasets on a page (100)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    return parser


def main(arguments: Sequence[str] | None = None, stop: threading.Event | None = None) -> int:
    """Serves until `stop` is set or Ctrl+C; the first line on stdout is the address to configure."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.form and chosen.form not in protocols()[chosen.protocol].FORMS:
        parser.error(f"{chosen.protocol} has no form {chosen.form}: {', '.join(protocols()[chosen.protocol].FORMS)}")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(chosen.host, chosen.port, selfmade(Path(folder)))
    datasets = read(chosen.file) if chosen.file else generated(chosen.datasets)
    scene = server.add("town", chosen.protocol, datasets, chosen.form, chosen.page)
    scene.fault = chosen.fault or ""
    server.start()
    print(scene.url, flush=True)
    print(f'{len(datasets)} datasets; connector = "{scene.connector}"; fault: {scene.fault or "none"}', flush=True)
    try:
        (stop or threading.Event()).wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
