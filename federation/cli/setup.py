"""Commands that begin something: init, add, check."""

import json
from pathlib import Path

import click
from rich.text import Text

from federation import vocabulary
from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import language, text
from federation.config import FederationConfig, Source
from federation.discovery import Preview, detect, member_id, preview
from federation.errors import ConfigError, StoreError
from federation.harvest.connector import Candidate
from federation.harvest.http import Http

FEDERATION_TOML = '''# {comment}
[catalog]
title = {title}
description = {description}
# {base_comment}
base_url = {base_url}
publisher = {publisher}
# {license_comment}
license = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
# {order_comment}
order = ["*"]

[store]
url = "sqlite:///federation.db"

[network]
# {network_comment}
allow = []
user_agent_contact = ""
'''
MEMBER_TOML = '''# {comment}
title = {title}
# {key_comment}
key = {key}
# {stage_comment}
stage = "preview"

[contact]
# {contact_comment}
email = ""

[[source]]
connector = {connector}
url = {url}
schedule = "15 3 * * *"
# {minimum_comment}
minimum_datasets = {minimum}
{options}
# {defaults_comment}
[source.defaults]
# publisher = {title}
# license = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"

# {lookups_comment}
[source.lookups.licence]
# "dl-de-by 2.0 (alt)" = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
'''
COMMENTS = {
    "federation": (
        "Die Föderation einer Region. 'federation schema federation' gibt das JSON-Schema für Editoren.",
        "The federation of a region. 'federation schema federation' gives the JSON Schema for editors.",
    ),
    "base": (
        "Unter dieser Adresse entstehen eigene IRIs; sie steht mit der ersten Veröffentlichung fest.",
        "Own IRIs are minted under this address; it is settled by the first publication.",
    ),
    "license": ("Lizenz der Metadaten (nicht der Daten).", "Licence of the metadata (not of the data)."),
    "order": (
        "Wem eine Adresse gehört, die zwei Quellen beschreiben: Mitglieder oder Quellen, \"*\" = alle anderen.",
        "Who owns an address that two sources describe: members or sources, \"*\" = all others.",
    ),
    "network": (
        "Private Netze werden abgelehnt, außer sie stehen hier, z. B. \"10.1.0.0/16\".",
        "Private networks are refused unless listed here, such as \"10.1.0.0/16\".",
    ),
    "member": ("Ein Mitglied: wer es ist, was gelesen und was gezeigt wird.", "A member: who it is, what is read and what is shown."),
    "key": (
        "Amtlicher Schlüssel: Land 2, Kreis 5, Verband 9, Gemeinde 8 (AGS) oder 12 (ARS) Ziffern.",
        "Official key: state 2, district 5, association 9, municipality 8 (AGS) or 12 (ARS) digits.",
    ),
    "stage": (
        "preview: nur Sie sehen es; region: im regionalen Katalog; forward: wird auch weitergegeben.",
        "preview: only you see it; region: in the regional catalog; forward: handed on as well.",
    ),
    "contact": ("Eine Funktionsadresse, keine Person.", "A role address, not a person."),
    "minimum": (
        "Kommen weniger an, wird der Lauf zurückgehalten, statt Datensätze zu entfernen.",
        "Should fewer arrive, the run is held instead of taking datasets away.",
    ),
    "defaults": (
        "Nur, wo die Quelle schweigt; wird als abgeleitet vermerkt.", "Only where the source is silent; marked as derived.",
    ),
    "lookups": ("Entschiedene Schreibweisen.", "Spellings that were decided on."),
}  # fmt: skip


def _comment(name: str) -> str:
    german, english = COMMENTS[name]
    return german if language() == "de" else english


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


@command("init")
@click.option("--title", default="Offene Daten der Region", show_default=True, help=text("opt.title"))
@click.option("--base-url", default="https://daten.region.example", show_default=True, help=text("opt.base_url"))
@click.option("--publisher", default="Regionalverband", show_default=True, help=text("opt.publisher"))
@dry_option
def init(workspace: Workspace, title: str, base_url: str, publisher: str, dry: bool) -> int:
    """A commented federation.toml and the folders beside it."""
    file = workspace.folder / "federation.toml"
    if file.exists():
        raise ConfigError("workspace-exists", value=str(file))
    content = FEDERATION_TOML.format(
        comment=_comment("federation"), title=_quoted(title), description=_quoted(f"{title}: alle Kommunen in einem Katalog"),
        base_comment=_comment("base"), base_url=_quoted(base_url), publisher=_quoted(publisher), license_comment=_comment("license"),
        order_comment=_comment("order"), network_comment=_comment("network"),
    )  # fmt: skip
    if dry:
        click.echo(content)
        return 0
    try:
        for folder in ("members", "lookups"):
            (workspace.folder / folder).mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise StoreError("public-not-writable", value=str(workspace.folder), detail=error.strerror or str(error)) from error
    workspace.err.print(text("init.done", path=workspace.folder.resolve()), markup=False)
    return 0


@command("add")
@click.argument("url", metavar="URL")
@click.option("--connector", "connector_id", default="", help=text("opt.connector"))
@click.option("--member", default="", help=text("opt.member"))
@click.option("--title", default="", help=text("opt.title"))
@click.option("--key", default="", help=text("opt.key"))
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help=text("opt.option"))
@dry_option
@json_option
def add(
    workspace: Workspace, url: str, connector_id: str, member: str, title: str, key: str, options: tuple[str, ...], dry: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Finds out the software and writes a commented member file at stage preview."""
    settings = workspace.config
    if key and vocabulary.body_by_key(key) is None:
        raise ConfigError("key-unknown", field="--key", value=key, file="--key", line="-")
    with Http(settings.network) as http:
        candidates = detect(url, http, only=connector_id)
    best = candidates[0]
    title = title or best.title or member_id(url)
    name = member or member_id(url, title if title != best.title else "")
    path = workspace.folder / "members" / f"{name}.toml"
    content = _member_toml(best, title, key, options)
    if path.exists():
        raise ConfigError("member-exists", value=f"members/{path.name}")
    if not dry:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if as_json:
        show.print_json({"member": name, "file": str(path), "connector": best.connector, "url": best.url, "datasets": best.datasets,
                         "candidates": [{"connector": one.connector, "url": one.url, "datasets": one.datasets} for one in candidates]})  # fmt: skip
        return 0
    _tell_candidates(workspace, candidates)
    if not key:
        _offer_keys(workspace, title)
    if dry:
        click.echo(content)
    else:
        workspace.err.print(text("add.written", path=f"members/{path.name}", source=name), markup=False)
    return 0


def _tell_candidates(workspace: Workspace, candidates: list[Candidate]) -> None:
    best, *others = candidates
    datasets = "?" if best.datasets is None else best.datasets
    workspace.err.print(text("add.found", connector=best.connector, url=best.url, datasets=datasets), markup=False)
    for other in others:
        workspace.err.print(text("add.also", connector=other.connector, url=other.url), markup=False)


def _offer_keys(workspace: Workspace, title: str) -> None:
    bodies = vocabulary.bodies_by_name(title)[:10]
    if bodies:
        workspace.err.print(text("add.keys"))
        for body in bodies:
            workspace.err.print(Text(f'  key = "{body.key}"   {body.name} ({body.kind}, {body.state})'))


def _member_toml(found: Candidate, title: str, key: str, options: tuple[str, ...]) -> str:
    given = {**found.options}
    for option in options:
        name, sign, value = option.partition("=")
        if not sign:
            raise ConfigError("option-form", field="--option", value=option)
        given[name] = {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)
    lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in given.items())
    minimum = int((found.datasets or 0) * 0.5)
    return MEMBER_TOML.format(
        comment=_comment("member"), title=_quoted(title), key_comment=_comment("key"), key=_quoted(key), stage_comment=_comment("stage"),
        contact_comment=_comment("contact"), connector=_quoted(found.connector), url=_quoted(found.url),
        minimum_comment=_comment("minimum"), minimum=minimum, options=f"[source.options]\n{lines}" if lines else "",
        defaults_comment=_comment("defaults"), lookups_comment=_comment("lookups"),
    )  # fmt: skip


@command("check")
@click.argument("target", metavar="URL|SOURCE")
@click.option("--connector", "connector_id", default="", help=text("opt.connector"))
@click.option("--limit", type=click.IntRange(1), help=text("opt.limit"))
@json_option
def check(workspace: Workspace, target: str, connector_id: str, limit: int | None, as_json: bool) -> int:
    """Reads down the whole line and stores nothing."""
    settings = _settings(workspace, target)
    with Http(settings.network) as http:
        if target in {source.id for source in settings.sources()}:
            source = settings.source(target)
        elif "/" not in target and "." not in target:
            source = settings.source(target)
        else:
            found = detect(target, http, only=connector_id)[0]
            source = Source(id="check", member="check", connector=found.connector, url=found.url, options=dict(found.options))
        result = preview(settings, source, http, limit=limit)
    if as_json:
        _check_json(result)
    else:
        _check_tables(workspace, result)
    return 0


def _settings(workspace: Workspace, target: str) -> FederationConfig:
    """The workspace's configuration; an address (or path) may also be checked where there is no workspace."""
    if not (workspace.folder / "federation.toml").exists() and ("/" in target or Path(target).exists()):
        return FederationConfig.model_validate(
            {"catalog": {"title": "check", "base_url": "https://check.example"}, "network": {"allow": ["127.0.0.0/8", "::1/128"]}}
        )
    return workspace.config


def _check_json(result: Preview) -> None:
    show.print_json(
        {
            "source": result.source.id, "connector": result.source.connector, "url": result.source.url, "complete": result.complete,
            "total": result.total, "rejected": result.rejected,
            "datasets": [{"iri": item.iri, "title": item.title, "changes": len(item.description.changes), "findings": len(item.findings)}
                         for item in result.datasets],
            "rules": dict(result.rules()),
            "findings": [{"dataset": one.dataset, "code": one.code, "severity": str(one.severity), "field": one.field,
                          "value": one.value, "cause": one.cause(language()), "remedy": one.remedy(language())}
                         for one in result.all_findings()],
        }
    )  # fmt: skip


def _check_tables(workspace: Workspace, result: Preview) -> None:
    out = workspace.out
    changes = sum(len(item.description.changes) for item in result.prepared)
    out.print(text("check.head", datasets=len(result.datasets), rejected=result.rejected, changes=changes))
    if not result.complete:
        out.print(text("check.partial"))
    out.print(show.table("", [("col.rule", False), ("col.count", True)], result.rules()[:25]))
    out.print()
    show.findings(out, show.grouped((result.source.id, finding) for finding in result.all_findings()))
