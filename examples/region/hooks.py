"""Die eigenen Regeln der Region Kranichland: Python-Funktionen auf dem rdflib-Graphen eines Datensatzes.

The region's own rules. `dataset` (likewise `service`, `series`) is called with the rdflib Graph of one entity, its public
address and the id of its source, after all repairs. What it adds or removes is recorded: `federation why` shows it as
"hook:dataset", and it can be undone.
"""

from rdflib import DCAT, Graph, URIRef

OLD_HOST = "http://geo.reiherstadt.example/"
NEW_HOST = "https://opendata.reiherstadt.example/geo/"


def dataset(graph: Graph, iri: str, source: str) -> None:
    """Reiherstadt moved its files in 2024; its feed still names the old server."""
    if source != "reiherstadt":
        return
    for prop in (DCAT.accessURL, DCAT.downloadURL):
        for distribution, address in list(graph.subject_objects(prop)):
            if str(address).startswith(OLD_HOST):
                graph.remove((distribution, prop, address))
                graph.add((distribution, prop, URIRef(NEW_HOST + str(address).removeprefix(OLD_HOST))))
