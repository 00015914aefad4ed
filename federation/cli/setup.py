"""The command init: a new workspace."""

import json

import click

from federation.cli.app import Workspace, command, dry_option
from federation.cli.texts import language, text
from federation.errors import ConfigError

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
# {contact_comment}
user_agent_contact = ""
'''
COMMENTS = {
    "comment": (
        "Die Föderation einer Region. 'federation schema federation' gibt das JSON-Schema für Editoren.",
        "The federation of a region. 'federation schema federation' gives the JSON Schema for editors.",
    ),
    "base_comment": (
        "Unter dieser Adresse entstehen eigene IRIs; sie steht mit der ersten Veröffentlichung fest.",
        "Own IRIs are minted under this address; it is settled by the first publication.",
    ),
    "license_comment": ("Lizenz der Metadaten (nicht der Daten).", "Licence of the metadata (not of the data)."),
    "order_comment": (
        "Wem eine Adresse gehört, die zwei Quellen beschreiben: Mitglieder oder Quellen, \"*\" = alle anderen.",
        "Who owns an address that two sources describe: members or sources, \"*\" = all others.",
    ),
    "network_comment": (
        "Private Netze werden abgelehnt, außer sie stehen hier, z. B. \"10.1.0.0/16\".",
        "Private networks are refused unless listed here, such as \"10.1.0.0/16\".",
    ),
    "contact_comment": (
        "Wohin sich Betreiber der Quellen wenden können: E-Mail einer Stelle oder Webadresse.",
        "Where operators of the sources may turn to: e-mail of an office, or a web address.",
    ),
}  # fmt: skip
TITLE = ("Offene Daten der Region", "Open data of the region")
DESCRIPTION = ("{title}: alle Kommunen in einem Katalog", "{title}: all municipalities in one catalog")


@command("init")
@click.option("--title", default="", metavar=text("arg.text"), help=text("opt.title"))
@click.option("--base-url", default="https://daten.region.example", metavar=text("arg.url"), help=text("opt.base_url"))
@click.option("--publisher", default="", metavar=text("arg.text"), help=text("opt.publisher"))
@dry_option
def init(workspace: Workspace, title: str, base_url: str, publisher: str, dry: bool) -> int:
    """A commented federation.toml and the folders beside it."""
    from federation.config import CatalogSettings, parse

    german = language() == "de"
    place = 0 if german else 1
    title = title or TITLE[place]
    catalog = {"title": title, "base_url": base_url, "publisher": publisher}
    parse(CatalogSettings, catalog, "init", where="catalog", lines={})
    file = workspace.folder / "federation.toml"
    if file.exists():
        raise ConfigError("workspace-exists", value=str(file))
    content = FEDERATION_TOML.format(
        **{name: words[place] for name, words in COMMENTS.items()},
        **{name: _quoted(value) for name, value in catalog.items()}, description=_quoted(DESCRIPTION[place].format(title=title)),
    )  # fmt: skip
    if dry:
        click.echo(content, nl=False)
        workspace.say("init.dry", path=file)
        return 0
    try:
        for folder in ("members", "lookups"):
            (workspace.folder / folder).mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigError("not-writable", value=str(workspace.folder), detail=error.strerror or str(error)) from error
    here = workspace.folder.resolve() == workspace.folder.cwd()
    workspace.say("init.done" if here else "init.in", path=workspace.folder if not here else workspace.folder.resolve())
    return 0


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
