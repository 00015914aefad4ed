"""Commands that look things up: connectors, vocabularies, schema."""

import csv
from functools import cache
from importlib.resources import files
from typing import Any

import click

from federation import vocabulary
from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.texts import language, text
from federation.config import FederationConfig, Member
from federation.harvest.connector import registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@command("connectors")
@json_option
def connectors(workspace: Workspace, as_json: bool) -> int:
    """From the connectors themselves."""
    known = [
        {"id": name, "title": each.title, "protocol": each.protocol,
         "options": {key: described(name, key, field.description or "") for key, field in each.options.model_fields.items()}}
        for name, each in registry().items()
    ]  # fmt: skip
    if as_json:
        show.print_json(known)
        return 0
    out = workspace.out
    for number, (name, each) in enumerate(registry().items()):
        if number:
            out.print()
        out.print(show.heading(name).append(f"  {each.title}, {each.protocol}", style="not bold"))
        rows = [[f"  {key}", described(name, key, field.description or "")] for key, field in each.options.model_fields.items()]
        out.print(show.table("", [("col.option", False), ("col.meaning", False)], rows))
    return 0


def described(kind: str, option: str, english: str) -> str:
    """What an option of a connector does: connectors say it in English, our own ones have German words beside it."""
    return german().get((kind, option), english) if language() == "de" else english


@cache
def german() -> dict[tuple[str, str], str]:
    """{(connector, option): German description}."""
    rows = csv.DictReader(files("vocabularies").joinpath("texts", "options.csv").read_text(encoding="utf-8").splitlines())
    return {(row["connector"], row["option"]): row["de"] for row in rows}


@command("vocabularies")
@click.argument("spelling", nargs=-1, metavar=text("arg.spelling"))
@json_option
def vocabularies(workspace: Workspace, spelling: tuple[str, ...], as_json: bool) -> int:
    """The tables with origin and version; or what a spelling means in each."""
    if spelling:
        return _meaning(workspace, " ".join(spelling), as_json)
    tables = {name: dict(vocabulary.vocabulary(name).source) for name in vocabulary.names()}
    if as_json:
        show.print_json(tables)
        return 0
    rows = [[name, one.get("count", ""), one.get("version", ""), one.get("origin", "")] for name, one in tables.items()]
    columns = [("col.table", False), ("col.count", True), ("col.version", False), ("col.origin", False)]
    workspace.out.print(show.table("", columns, rows, optional=["col.origin"]))
    return 0


def _meaning(workspace: Workspace, spelling: str, as_json: bool) -> int:
    tables = {name: vocabulary.vocabulary(name) for name in vocabulary.names()}
    hits = {name: iri for name, table in tables.items() if (iri := table.resolve(spelling))}
    if as_json:
        show.print_json(hits)
    elif hits:
        rows = [[name, tables[name].label(iri), iri] for name, iri in hits.items()]
        workspace.out.print(show.table("", [("col.table", False), ("col.meaning", False), ("col.value", False)], rows))
    else:
        workspace.out.print(text("vocabularies.none", spelling=spelling))
    return 0


@command("schema")
@click.argument("kind", type=click.Choice(["federation", "member"]), metavar=text("arg.kind"))
def schema(workspace: Workspace, kind: str) -> int:
    """JSON Schema of federation.toml or members/*.toml."""
    show.print_json({"$schema": DIALECT, **(FederationConfig.model_json_schema() if kind == "federation" else _member_schema())})
    return 0


def _member_schema() -> dict[str, Any]:
    """A member's schema in which each connector brings the options that it has."""
    made = Member.model_json_schema()
    source = made["$defs"]["Source"]
    source["properties"]["connector"]["enum"] = list(registry())
    source["allOf"] = []
    for name, each in registry().items():
        options = each.options.model_json_schema(ref_template="#/$defs/{model}")
        made["$defs"] |= options.pop("$defs", {})
        where = {"if": {"properties": {"connector": {"const": name}}, "required": ["connector"]}}
        source["allOf"].append({**where, "then": {"properties": {"options": options}}})
    return made
