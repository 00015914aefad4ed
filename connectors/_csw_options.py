"""`[source.options]` of `connector = "csw"`, and which records they choose."""

from typing import Literal

from pydantic import Field

from connectors._csw_requests import GMD
from connectors._iso_facts import Facts
from federation.harvest.connector import Options


class CswOptions(Options):
    """`[source.options]` of `connector = "csw"`."""

    keyword: list[str] = Field(default=[], description="only records with one of these keywords, as the catalog writes them")
    organisation: list[str] = Field(default=[], description="only records that name one of these organisations as responsible for the data")
    type: list[str] = Field(default=[], description="only records of these types (dataset, series ...); their services come all the same")
    version: Literal["", "2.0.2", "3.0.0"] = Field(default="", description="version of CSW; empty: the one that the server understands")
    method: Literal["", "post", "get"] = Field(default="", description="how the catalog is asked; empty: by POST, else by GET")
    output_schema: str = Field(default=GMD, description="the form in which records are asked for")
    page_size: int = Field(default=100, ge=1, le=1000, description="records on a page; servers may give fewer")
    incremental: bool = Field(default=True, description="ask between two whole readings only for what changed")
    services_first: bool = Field(
        default=True, description="false: every page is read before the first is used, where services cannot be asked for alone"
    )
    files: list[str] = Field(default=[], description="with a folder as url: only these files in it")


def chosen(facts: Facts, options: CswOptions) -> bool:
    """Whether a record has one of the keywords, organisations and types of the options."""
    if options.type and facts.kind not in options.type:
        return False
    if options.keyword:
        words = {text.casefold() for group in facts.keywords for said, _ in group.words for text, _ in said}
        if words.isdisjoint(word.casefold() for word in options.keyword):
            return False
    if options.organisation:
        names = {text.casefold() for party in facts.parties for text, _ in party.organisation}
        return not names.isdisjoint(name.casefold() for name in options.organisation)
    return True
