"""A source that behaves badly on purpose: it serves a catalog over one of our protocols, with one fault at a time, over real HTTP.

    with nasty.serve() as server:
        town = server.add("town", "dcat", catalog.generated(12))
        ... read town.url ...
        town.fault = "truncated"

A catalog (`catalog.py`) is a list of datasets, generated or read from a recorded file; a protocol (one file in `protocols/`) says how a
listing looks on the wire; a fault (`faults_*.py`) spoils the listing, a page, the answer, or the wire. By hand:
`python -m tests.nasty_source --help`.
"""

from tests.nasty_source.catalog import Dataset, generated
from tests.nasty_source.scene import Scene, Server, serve

__all__ = ["Dataset", "Scene", "Server", "generated", "serve"]
