"""The command add: a new member with its source."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import click

from federation import territory
from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import language, text
from federation.config import Member, at, parse
from federation.discovery import address, detect, member_id
from federation.errors import ConfigError, FederationError
from federation.harvest.connector import Candidate, connector
from federation.harvest.http import Http

FAILED = 3
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
# {schedule_comment}
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
    "comment": ("Ein Mitglied: wer es ist, was gelesen und was gezeigt wird.", "A member: who it is, what is read and what is shown."),
    "key_comment": (
        "Amtlicher Schlüssel: Land 2, Kreis 5, Verband 9, Gemeinde 8 (AGS) oder 12 (ARS) Ziffern.",
        "Official key: state 2, district 5, association 9, municipality 8 (AGS) or 12 (ARS) digits.",
    ),
    "stage_comment": (
        "preview: nur Sie sehen es; region: im regionalen Katalog; forward: wird auch weitergegeben.",
        "preview: only you see it; region: in the regional catalog; forward: handed on as well.",
    ),
    "contact_comment": ("Eine Funktionsadresse, keine Person.", "A role address, not a person."),
    "schedule_comment": (
        "Wann gelesen wird (cron): Minute, Stunde, Tag, Monat, Wochentag.", "When it is read (cron): minute, hour, day, month, weekday.",
    ),
    "minimum_comment": (
        "Kommen weniger an, wird der Lauf zurückgehalten, statt Datensätze zu entfernen.",
        "Should fewer arrive, the run is held instead of taking datasets away.",
    ),
    "defaults_comment": (
        "Nur, wo die Quelle schweigt; wird als abgeleitet vermerkt.", "Only where the source is silent; marked as derived.",
    ),
    "lookups_comment": (
        "Entschiedene Schreibweisen; 'federation lookups' zeigt die offenen.",
        "Spellings that were decided on; 'federation lookups' shows the open ones.",
    ),
}  # fmt: skip


@command("add")
@click.argument("url", metavar=text("arg.url"))
@click.option("--connector", "connector_id", default="", metavar=text("arg.connector"), help=text("opt.connector"))
@click.option("--member", default="", metavar=text("arg.member"), help=text("opt.member"))
@click.option("--title", default="", metavar=text("arg.text"), help=text("opt.title"))
@click.option("--key", default="", metavar=text("arg.key"), help=text("opt.key"))
@click.option("--option", "options", multiple=True, metavar=text("arg.option"), help=text("opt.option"))
@dry_option
@json_option
def add(
    workspace: Workspace, url: str, connector_id: str, member: str, title: str, key: str, options: tuple[str, ...], dry: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Finds out the software and writes a commented member file at stage preview."""
    settings = workspace.config
    if key and territory.body_by_key(key) is None:
        raise ConfigError("key-unknown", field="--key", value=key, hint_de="", hint_en="", **at("--key"))
    if connector_id:
        connector(connector_id)
    url = address(url)
    trouble: FederationError | None = None
    try:
        with Http(settings.network) as http:
            candidates = detect(url, http, only=connector_id)
    except FederationError as error:
        if not connector_id:
            raise
        trouble = error
        candidates = [Candidate(connector_id, url)]
    best = candidates[0]
    given = given_options(best.connector, best.options, options)
    body = territory.body_by_key(key) if key else None
    place, _, rank = body.name.partition(", ") if body else ("", "", "")
    name = _name(member, url, title, place or best.title, given)
    title = title or f"{rank} {place}".strip() or best.title or name
    path = workspace.folder / "members" / f"{name}.toml"
    content = _member_toml(best, title, key, given)
    parse(Member, tomllib.loads(content), f"members/{path.name}", content)
    if path.exists():
        raise ConfigError("member-exists", value=f"members/{path.name}")
    if not dry:
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            raise ConfigError("not-writable", value=str(path), detail=error.strerror or str(error)) from error
    if as_json:
        show.print_json({"member": name, "file": str(path), "written": not dry, "connector": best.connector, "url": best.url,
                         "datasets": best.datasets, "answered": trouble is None, "candidates": [
                             {"connector": one.connector, "url": one.url, "datasets": one.datasets} for one in candidates]})  # fmt: skip
    else:
        if dry:
            click.echo(content, nl=False)
        _tell(workspace, [] if trouble else candidates, key, title, name)
        workspace.say("add.dry" if dry else "add.written", path=f"members/{path.name}", source=name)
    if trouble is not None:
        workspace.say("add.unanswered")
        workspace.err.print(trouble.finding().cause(language()), style="dim")
    return FAILED if trouble else 0


def given_options(kind: str, found: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """`--option NAME=VALUE` as the connector's checked options, over those that detection found. ConfigError for what it does not know.
    A list is written as in TOML (["de", "en"]).
    """
    given = dict(found)
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise ConfigError("option-form", field="--option", value=word)
        given[name] = tomllib.loads(f"value = {value}")["value"] if re.match(r"[\[{]", value) else value
    checked = parse(connector(kind).options, given, "--option", where="source.options", lines={})
    return {name: getattr(checked, name) for name in given}


def _name(member: str, url: str, title: str, found: str, options: Mapping[str, Any]) -> str:
    """The id of the new member: as given, else by its title, the organisation that is read, the host, the title that was found."""
    if member:
        if member_id("", member) != member.replace("_", "-"):
            raise ConfigError("member-name", value=member)
        return member
    chosen = [value for name in ("organization", "group") for value in _listed(options.get(name))]
    return member_id(url, title, *chosen, fallback=found)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)] if value else []


def _tell(workspace: Workspace, candidates: Sequence[Candidate], key: str, title: str, name: str) -> None:
    for number, one in enumerate(candidates):
        datasets = "?" if one.datasets is None else one.datasets
        workspace.say("add.also" if number else "add.found", connector=one.connector, url=one.url, datasets=datasets)
    bodies = [] if key else (territory.bodies_by_name(title) or territory.bodies_by_name(name.replace("-", " ")))[:10]
    if bodies:
        workspace.say("add.keys")
        for body in bodies:
            state = territory.body_by_key(body.state)
            workspace.err.print(f'  key = "{body.key}"   {body.name}' + (f", {state.name}" if state and state.key != body.key else ""))


def _member_toml(found: Candidate, title: str, key: str, options: Mapping[str, Any]) -> str:
    place = 0 if language() == "de" else 1
    lines = "".join(f"{name} = {_toml(value)}\n" for name, value in options.items())
    return MEMBER_TOML.format(
        **{name: words[place] for name, words in COMMENTS.items()}, title=_toml(title), key=_toml(key), connector=_toml(found.connector),
        url=_toml(found.url), minimum=(found.datasets or 0) // 2, options=f"[source.options]\n{lines}" if lines else "",
    )  # fmt: skip


def _toml(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_toml(name)} = {_toml(one)}' for name, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
