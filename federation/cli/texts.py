"""Every sentence of the command line in German and English. Help texts are taken when the commands are made, messages when shown."""

import locale
import os
from collections.abc import Sequence
from typing import Final

from federation.cli.manual import MANUAL
from federation.cli.quality_texts import QUALITY

_chosen: list[str] = []


def language() -> str:
    """"de" or "en": `--lang`, else LC_ALL, LC_MESSAGES or LANG, else English."""
    if _chosen:
        return _chosen[0]
    for name in ("FEDERATION_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "de" if os.environ[name].lower().startswith("de") else "en"
    return "de" if (locale.getlocale()[0] or "").lower().startswith("de") else "en"


def choose(name: str) -> None:
    """Settles the language for this process ("" leaves it to the environment)."""
    _chosen[:] = [name] if name else []


def settle(arguments: Sequence[str]) -> list[str]:
    """Settles the language that a command line names, wherever in it `--lang` stands, and moves it to the front, where click wants it."""
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    for position, word in enumerate(rest[:end]):
        if word == "--lang" and position + 1 < end:
            value = rest[position + 1]
            del rest[position : position + 2]
        elif word.startswith("--lang="):
            value = word.partition("=")[2]
            del rest[position]
        else:
            continue
        if value in ("de", "en"):
            choose(value)
        return ["--lang", value, *rest]
    return rest


def text(key: str, **params: object) -> str:
    """The sentence of a key in the language of the moment, its placeholders filled."""
    german, english = TEXTS.get(key) or MANUAL.get(key) or QUALITY[key]
    return (german if language() == "de" else english).format(**params)


TEXTS: Final[dict[str, tuple[str, str]]] = {
    "app": (
        "Ein gemeinsamer Katalog in DCAT-AP.de 3.0 für alle Kommunen einer Region.",
        "One shared DCAT-AP.de 3.0 catalog for all cities of a region.",
    ),
    "opt.dir": ("Ordner des Arbeitsbereichs (sonst der jetzige).", "Folder of the workspace (else the present one)."),
    "opt.lang": ("Sprache der Ausgabe: de oder en.", "Language of the output: de or en."),
    "opt.verbose": ("Mehr Protokoll auf stderr; zweimal: alles.", "More log on stderr; twice: everything."),
    "opt.json": ("Ausgabe als JSON.", "Output as JSON."),
    "opt.dry": ("Nur zeigen, was geschähe.", "Only show what would happen."),
    "opt.full": ("Ohne Abkürzungen alles neu lesen.", "Read everything anew, without shortcuts."),
    "opt.no_publish": ("Danach nicht veröffentlichen.", "Do not publish afterwards."),
    "opt.help": ("Diese Hilfe zeigen.", "Show this help."),
    "opt.version": ("Die Fassung des Programms zeigen.", "Show the version of the program."),
    "opt.full_story": ("Nichts abkürzen.", "Leave nothing out."),
    "opt.limit": ("Höchstens so viele Datensätze.", "At most so many datasets."),
    "opt.force": ("Auch über einen vorhandenen Stand.", "Also over a state that exists."),
    "opt.to": ("Nummer des Standes, der öffentlich bleiben soll.", "Number of the generation that is to stay public."),
    "opt.connector": ("Anschluss; sonst wird er ermittelt.", "Connector; else it is found out."),
    "opt.member": ("Kennung (Dateiname) des Mitglieds.", "Id (file name) of the member."),
    "opt.title": ("Name des Mitglieds oder des Katalogs.", "Name of the member or the catalog."),
    "opt.key": ("Amtlicher Schlüssel der Körperschaft.", "Official key of the body."),
    "opt.option": ("Option des Anschlusses, NAME=WERT; mehrmals erlaubt.", "Option of the connector, NAME=VALUE; may be repeated."),
    "opt.base_url": (
        "Adresse, unter der die Region veröffentlicht; sie steht mit der ersten Veröffentlichung fest.",
        "Address under which the region publishes; it is settled by the first publication.",
    ),
    "opt.publisher": ("Herausgeber des regionalen Katalogs.", "Publisher of the regional catalog."),
    "opt.severity": ("Nur diese Schwere.", "Only this severity."),
    "opt.code": ("Nur diese Art von Befund.", "Only this kind of finding."),
    "opt.codes": ("Alle Arten von Befunden mit Ursache und Abhilfe.", "Every kind of finding with cause and remedy."),
    "opt.all": ("Jeden Befund einzeln statt nach Ursache gebündelt.", "Each finding by itself, not grouped by cause."),
    "opt.keep": ("Ordner, in dem die Beispielregion bleibt.", "Folder in which the example region is kept."),
    "opt.links_limit": ("Höchstens so viele Adressen.", "At most so many addresses."),
    "opt.links_all": ("Auch Adressen, die noch nicht wieder fällig sind.", "Also addresses that are not due again yet."),
    "opt.seconds": ("Nach so vielen Sekunden nichts Neues mehr beginnen.", "Begin nothing more after so many seconds."),
    "opt.stay": ("Server danach offen lassen, bis Strg-C.", "Keep the servers up afterwards, until Ctrl-C."),
    "cmd.init": ("Neuen Arbeitsbereich anlegen.", "Make a new workspace."),
    "cmd.add": ("Mitglied mit seiner Quelle aufnehmen (Stufe preview).", "Add a member with its source (stage preview)."),
    "cmd.check": ("Zeigen, was eine Quelle ergäbe, ohne zu speichern.", "Show what a source would give, storing nothing."),
    "cmd.sync": ("Quellen lesen, abgleichen und veröffentlichen.", "Read the sources, bring the catalog in sync and publish."),
    "cmd.publish": ("Den jetzigen Stand veröffentlichen.", "Publish the present state."),
    "cmd.export": ("Den ganzen öffentlichen Katalog in eine Datei schreiben.", "Write the whole public catalog to a file."),
    "cmd.status": ("Stand jeder Quelle.", "State of every source."),
    "cmd.findings": ("Befunde an den Daten, mit Abhilfe.", "Findings about the data, with remedy."),
    "cmd.links": ("Prüfen, ob die veröffentlichten Adressen antworten.", "Check whether the published addresses answer."),
    "cmd.why": ("Die Geschichte eines Datensatzes.", "The story of one dataset."),
    "cmd.held": ("Was auf eine Entscheidung wartet.", "What waits for a decision."),
    "cmd.release": ("Einen zurückgehaltenen Stand annehmen.", "Accept a state that is held."),
    "cmd.rollback": ("Für eine Quelle einen früheren Stand öffentlich halten.", "Keep an earlier state of a source public."),
    "cmd.backup": ("Die Datenbank im Betrieb sichern und prüfen.", "Back up the database while it runs, and verify."),
    "cmd.restore": ("Die Datenbank aus einer Sicherung wiederherstellen.", "Bring the database back from a backup."),
    "cmd.connectors": ("Welche Software gelesen werden kann.", "Which software can be read."),
    "cmd.vocabularies": ("Die Codelisten und ihre Herkunft.", "The code lists and where they come from."),
    "cmd.lookups": ("Unbekannte Schreibweisen, über die ein Mensch entscheidet.", "Unknown spellings that a person decides on."),
    "cmd.schema": ("JSON-Schema der Konfigurationsdateien für Editoren.", "JSON Schema of the configuration files for editors."),
    "cmd.demo": ("Eine Beispielregion lesen und veröffentlichen.", "Read and publish an example region."),
    "error": ("Fehler", "Error"),
    "remedy": ("Abhilfe", "Remedy"),
    "where.url": ("Adresse", "Address"),
    "where.field": ("Eintrag", "Field"),
    "interrupted": ("Abgebrochen; der letzte gute Stand bleibt.", "Interrupted; the last good state stays."),
    "broken": (
        "Das ist ein Fehler dieses Programms: {error}. Der letzte gute Stand bleibt. Mit -vv erscheint, wo er auftrat.",
        "This is a fault of this program: {error}. The last good state stays. -vv shows where it came up.",
    ),
    "busy": ("Ein anderer Lauf ist gerade am Werk ({holder}).", "Another run is at work just now ({holder})."),
    "init.done": (
        "Arbeitsbereich in {path} angelegt. Als Nächstes:\n  1. federation.toml ansehen (base_url, publisher)\n"
        "  2. federation add https://portal-einer-stadt.example\n  3. federation sync",
        "Workspace made in {path}. Next:\n  1. look at federation.toml (base_url, publisher)\n"
        "  2. federation add https://portal-of-a-city.example\n  3. federation sync",
    ),
    "add.found": (
        "Gefunden: {connector} unter {url}, {datasets} Datensätze.", "Found: {connector} at {url}, {datasets} datasets.",
    ),
    "add.also": ("Auch möglich: {connector} unter {url}.", "Also possible: {connector} at {url}."),
    "add.written": (
        "{path} geschrieben (Stufe preview: noch nicht öffentlich). Als Nächstes:\n  federation check {source}\n"
        '  dann in der Datei stage = "region" setzen und: federation sync {source}',
        "{path} written (stage preview: not public yet). Next:\n  federation check {source}\n"
        '  then set stage = "region" in the file and: federation sync {source}',
    ),
    "add.keys": ("Es fehlt noch der amtliche Schlüssel. Zum Namen passen:", "The official key is still missing. The name fits:"),
    "add.unanswered": (
        "An der Adresse antwortet gerade nichts, was dieser Anschluss liest; die Datei wurde trotzdem geschrieben.",
        "Nothing that this connector reads answers at the address just now; the file was written all the same.",
    ),
    "add.dry": ("Probelauf: {path} wurde nicht geschrieben.", "Dry run: {path} was not written."),
    "init.dry": ("Probelauf: {path} wurde nicht geschrieben.", "Dry run: {path} was not written."),
    "init.in": (
        "Arbeitsbereich in {path} angelegt. Als Nächstes:\n  1. cd {path}\n  2. federation.toml ansehen (base_url, publisher)\n"
        "  3. federation add https://portal-einer-stadt.example\n  4. federation sync",
        "Workspace made in {path}. Next:\n  1. cd {path}\n  2. look at federation.toml (base_url, publisher)\n"
        "  3. federation add https://portal-of-a-city.example\n  4. federation sync",
    ),
    "sync.none": ("Es ist keine Quelle eingerichtet: federation add ADRESSE", "No source is set up: federation add ADDRESS"),
    "sync.dry": ("Probelauf: nichts wurde geschrieben.", "Dry run: nothing was written."),
    "publish.made": (
        "Stand {generation} ist öffentlich: {items} Einträge ({created} neu, {updated} geändert, {deleted} entfernt).",
        "Generation {generation} is public: {items} entries ({created} new, {updated} changed, {deleted} gone).",
    ),
    "publish.same": (
        "Nichts Neues: Stand {generation} bleibt öffentlich ({items} Einträge).",
        "Nothing new: generation {generation} stays public ({items} entries).",
    ),
    "sync.rejected": (
        "{source}: {count} nicht lesbar; ein letzter guter Stand bleibt. Warum: federation findings {source} --severity violation",
        "{source}: {count} could not be read; a last good state stays. Why: federation findings {source} --severity violation",
    ),
    "sync.preview": (
        "Auf der Stufe preview und darum nicht öffentlich: {sources}.", "At stage preview and therefore not public: {sources}.",
    ),
    "publish.none": (
        "Noch ist nichts öffentlich: keine Quelle der Stufen region oder forward hat Datensätze.",
        "Nothing is public yet: no source at the stages region or forward has datasets.",
    ),
    "publish.would": (
        "Öffentlich würden {items} Einträge ({created} neu, {updated} geändert, {deleted} entfernt).",
        "{items} entries would be public ({created} new, {updated} changed, {deleted} gone).",
    ),
    "status.public": (
        "Öffentlich: {datasets} Datensätze, Stand {generation} vom {at}.", "Public: {datasets} datasets, generation {generation} of {at}.",
    ),
    "export.would": ("Probelauf: {count} Einträge kämen nach {path}.", "Dry run: {count} entries would go to {path}."),
    "export.done": ("{count} Einträge nach {path} geschrieben.", "{count} entries written to {path}."),
    "findings.none": ("Keine Befunde.", "No findings."),
    "findings.datasets": ("Datensätze: {count}", "datasets: {count}"),
    "findings.more": ("… und {count} weitere Fälle", "… and {count} more cases"),
    "held.none": ("Nichts ist zurückgehalten.", "Nothing is held."),
    "held.absent": ("Fehlen in der Quelle und bleiben öffentlich ({count}):", "Missing at the source, public still ({count}):"),
    "held.new": ("Neu, warten ({count}):", "New, waiting ({count}):"),
    "held.more": ("… und {count} weitere (--json zeigt alle)", "… and {count} more (--json shows all)"),
    "release.done": (
        "{source} ist freigegeben: {new} neue Einträge gelten, {absent} fehlende entfallen.",
        "{source} is released: {new} new entries hold, {absent} missing ones leave.",
    ),
    "release.would": (
        "Probelauf: mit der Freigabe von {source} gälten {new} neue Einträge, {absent} fehlende entfielen.",
        "Dry run: releasing {source} would let {new} new entries hold and {absent} missing ones leave.",
    ),
    "rollback.done": (
        "Für {source} bleibt Stand {generation} öffentlich, bis Sie die Quelle freigeben (federation release {source}).",
        "Generation {generation} stays public for {source} until you release the source (federation release {source}).",
    ),
    "rollback.would": (
        "Probelauf: für {source} würde wieder Stand {generation} öffentlich.",
        "Dry run: generation {generation} would be public again for {source}.",
    ),
    "backup.done": ("Gesichert und geprüft: {path} ({size} MB).", "Backed up and verified: {path} ({size} MB)."),
    "backup.would": ("Probelauf: {path} wurde nicht geschrieben.", "Dry run: {path} was not written."),
    "restore.would": (
        "Probelauf: die Sicherung {path} ist in Ordnung (Fassung {version}, {records} Einträge). Nichts wurde ersetzt.",
        "Dry run: the backup {path} is in order (version {version}, {records} entries). Nothing was replaced.",
    ),
    "restore.done": ("Wiederhergestellt aus {path}. Es folgt: federation publish", "Restored from {path}. Next: federation publish"),
    "check.head": (
        "{datasets} Datensätze gelesen, {rejected} abgewiesen, {changes} Änderungen. Nichts wurde gespeichert.",
        "{datasets} datasets read, {rejected} refused, {changes} changes. Nothing was stored.",
    ),
    "check.found": ("Gelesen mit dem Anschluss {connector}: {url}", "Read with the connector {connector}: {url}"),
    "check.limited": ("Nach {limit} Datensätzen war Schluss (--limit).", "It ended after {limit} datasets (--limit)."),
    "check.sample": ("Zum Beispiel", "For example"),
    "check.rules": ("Was geändert würde", "What would be changed"),
    "check.findings": ("Befunde", "Findings"),
    "check.partial": ("Die Liste der Quelle ist unvollständig.", "The listing of the source is incomplete."),
    "lookups.none": ("Keine unbekannten Schreibweisen.", "No unknown spellings."),
    "lookups.how": (
        "Entscheiden Sie in lookups/<Tabelle>.csv (Spalten spelling,code) oder in der Mitgliedsdatei unter [source.lookups.<Tabelle>].",
        "Decide in lookups/<table>.csv (columns spelling,code) or in the member's file under [source.lookups.<table>].",
    ),
    "vocabularies.none": (
        "Die Schreibweise {spelling} kennt keine Liste.", "No list knows the spelling {spelling}.",
    ),
    "why.address": ("Adresse", "Address"),
    "why.identifier": ("Kennung in der Quelle", "Identifier at the source"),
    "why.read": ("Gelesen", "Read"),
    "why.not_configured": ("{source} (steht nicht mehr in der Konfiguration)", "{source} (no longer in the configuration)"),
    "why.several": (
        "{count} Datensätze passen. Für die ganze Geschichte nennen Sie die Adresse.",
        "{count} datasets fit. For the whole story name the address.",
    ),
    "why.said": ("Was die Quelle sagte", "What the source said"),
    "why.changes": ("Was daran geändert wurde ({count})", "What was changed in it ({count})"),
    "why.more": ("… und {count} weitere (--full zeigt alles)", "… and {count} more (--full shows everything)"),
    "why.added": ("ergänzt {value}", "added {value}"),
    "why.removed": ("weggelassen {value}", "left out {value}"),
    "why.create": ("veröffentlicht", "published"),
    "why.update": ("geändert", "changed"),
    "why.delete": ("entfallen", "left"),
    "why.generation": ("Stand {number}", "generation {number}"),
    "why.none": ("Nichts wurde geändert.", "Nothing was changed."),
    "why.findings": ("Befunde ({count})", "Findings ({count})"),
    "why.log": ("Was daraus geworden ist", "What became of it"),
    "why.run": ("{started}, Lauf {run} ({outcome})", "{started}, run {run} ({outcome})"),
    "state.live": ("ist öffentlich", "is public"),
    "state.waiting": (
        "ist freigegeben, aber noch nicht veröffentlicht (federation publish)", "is cleared, but not published yet (federation publish)",
    ),
    "state.preview": (
        "ist nicht öffentlich: das Mitglied steht auf der Stufe preview", "is not public: the member is at stage preview",
    ),
    "state.missing": (
        "ist noch öffentlich, fehlt aber seit {runs} vollständigen Läufen in der Quelle",
        "is still public, but has been absent from the source for {runs} complete runs",
    ),
    "state.new_held": (
        "wartet: der Lauf, der ihn brachte, ist zurückgehalten (federation held)",
        "waits: the run that brought it is held (federation held)",
    ),
    "state.rejected": ("ließ sich nicht lesen und ist nicht öffentlich", "could not be read and is not public"),
    "state.rejected.kept": (
        "ließ sich zuletzt nicht lesen; sein letzter guter Stand bleibt öffentlich",
        "could not be read last time; its last good state stays public",
    ),
    "state.withdrawn": ("wurde von der Quelle zurückgezogen", "was withdrawn by its source"),
    "state.gone": ("ist entfallen: die Quelle führt ihn nicht mehr", "has left: its source lists it no more"),
    "state.other": ("veröffentlicht wird die Beschreibung von {owner}", "the description of {owner} is published"),
    "col.source": ("Quelle", "Source"),
    "col.title": ("Titel", "Title"),
    "col.state": ("Stand", "State"),
    "col.datasets": ("Datensätze", "Datasets"),
    "col.new": ("neu", "new"),
    "col.changed": ("geändert", "changed"),
    "col.unchanged": ("gleich", "same"),
    "col.missing": ("fehlend", "missing"),
    "col.gone": ("entfallen", "gone"),
    "col.held": ("wartend", "waiting"),
    "col.rejected": ("abgewiesen", "refused"),
    "col.seconds": ("Sek.", "sec."),
    "col.findings": ("Befunde", "Findings"),
    "col.stage": ("Stufe", "Stage"),
    "col.last": ("letzter Lauf", "last run"),
    "col.severity": ("Schwere", "Severity"),
    "col.code": ("Art", "Code"),
    "col.count": ("Anzahl", "Count"),
    "col.remedy": ("Abhilfe", "Remedy"),
    "col.dataset": ("Datensatz", "Dataset"),
    "col.value": ("Wert", "Value"),
    "col.rule": ("Regel", "Rule"),
    "col.table": ("Tabelle", "Table"),
    "col.option": ("Option", "Option"),
    "col.meaning": ("Bedeutung", "Meaning"),
    "col.version": ("Fassung", "Version"),
    "col.origin": ("Herkunft", "Origin"),
    "col.spelling": ("Schreibweise", "Spelling"),
    "col.nearest": ("ähnliche Codes", "nearest codes"),
    "severity.violation": ("Verstoß", "violation"),
    "severity.warning": ("Warnung", "warning"),
    "severity.info": ("Hinweis", "note"),
    "outcome.done": ("fertig", "done"),
    "outcome.held": ("zurückgehalten", "held"),
    "outcome.failed": ("gescheitert", "failed"),
    "outcome.interrupted": ("abgebrochen", "interrupted"),
    "outcome.running": ("läuft", "running"),
    "outcome.ok": ("in Ordnung", "ok"),
    "outcome.new": ("noch nie gelesen", "never read yet"),
    "outcome.removed": ("entfernt", "removed"),
    "help.links": (
        "Prüft die Adressen der veröffentlichten Datensätze (Downloads, Zugänge, Seiten, Dokumentation), soweit sie fällig sind: neue "
        "sofort, antwortende etwa jede Woche, gescheiterte nach 1, 2, 4, 7 Tagen. Erst was an drei verschiedenen Tagen scheitert, wird ein "
        "Befund. Ein Server bekommt immer nur eine Anfrage zugleich; was übrig bleibt, kommt im nächsten Lauf zuerst. Ein abgebrochener "
        "Lauf geht dort weiter, wo er war.\n\n\b\n"
        "  federation links --seconds 3600\n"
        "  federation findings --code link-broken",
        "Checks the addresses of the published datasets (downloads, access, pages, documentation) as far as they are due: new ones at "
        "once, those that answer about weekly, failed ones after 1, 2, 4, 7 days. Only what fails on three different days becomes a "
        "finding. A server gets one request at a time; what is left over comes first in the next run. A run that was ended goes on where "
        "it was.\n\n\b\n"
        "  federation links --seconds 3600\n"
        "  federation findings --code link-broken",
    ),
    "links.bar": ("Adressen", "Addresses"),
    "links.none": ("Es ist noch keine Adresse öffentlich.", "No address is public yet."),
    "links.due": ("{due} Adressen sind fällig.", "{due} addresses are due."),
    "links.done": (
        "{checked} Adressen geprüft, {requests} Anfragen, {seconds} Sekunden.",
        "{checked} addresses checked, {requests} requests, {seconds} seconds.",
    ),
    "links.left": (
        "Noch fällig: {count}; der nächste Lauf beginnt damit.", "Still due: {count}; the next run begins with them.",
    ),
    "links.offline": (
        "Kein einziger Server hat geantwortet: Vermutlich fehlt diesem Rechner die Verbindung. Nichts davon wurde vermerkt.",
        "Not a single server answered: probably this computer has no connection. Nothing of it was noted.",
    ),
    "links.ok": ("in Ordnung", "ok"),
    "links.redirected": ("umgezogen", "moved"),
    "links.broken": ("defekt", "broken"),
    "links.unreachable": ("nicht erreichbar", "unreachable"),
    "links.forbidden": ("gesperrt", "forbidden"),
    "links.invalid": ("ungültig", "invalid"),
    "links.unchecked": ("ungeprüft", "unchecked"),
    "col.host": ("Server", "Server"),
    "col.links": ("Adressen", "Addresses"),
    "demo.title": ("{title}: {members} Orte, ein Katalog", "{title}: {members} towns, one catalog"),
    "demo.invented": (
        "Die Orte sind erfunden; ihre Portale laufen auf diesem Rechner.",
        "The towns are invented; their portals run on this computer.",
    ),
    "demo.read": ("Gelesen: {datasets} Datensätze", "Read: {datasets} datasets"),
    "demo.repaired": ("Repariert: {count} Änderungen, jede umkehrbar", "Repaired: {count} changes, each reversible"),
    "demo.found": ("Gefunden: {count} Befunde, die nur die Orte beheben können", "Found: {count} findings that only the towns can mend"),
    "demo.held": ("Zurückgehalten: {title}", "Held: {title}"),
    "demo.failed": ("Gescheitert: {title}", "Failed: {title}"),
    "demo.noted": ("Bemerkt: {title}", "Noted: {title}"),
    "demo.person": (
        "Sind es wirklich so wenige, oder ist das Portal gestört? Das entscheidet ein Mensch.",
        "Are there really so few, or is the portal out of order? A person decides.",
    ),
    "demo.published": (
        "Veröffentlicht: {datasets} Datensätze in DCAT-AP.de 3.0, nach {seconds} Sekunden",
        "Published: {datasets} datasets in DCAT-AP.de 3.0, after {seconds} seconds",
    ),
    "demo.more": ("… und {kinds} weitere Arten", "… and {kinds} more kinds"),
    "demo.next": ("Weiter", "Next"),
    "demo.next.why": ("Was Reiherstadt sagte, und was daraus wurde", "What Reiherstadt said, and what became of it"),
    "demo.next.findings": ("Was Birkenrode verbessern kann, mit Abhilfe", "What Birkenrode can improve, with remedies"),
    "demo.next.release": ("Den zurückgehaltenen Stand annehmen", "Accept what is held"),
    "demo.next.export": ("Den ganzen Katalog in eine Datei schreiben", "Write the whole catalog to a file"),
    "demo.next.own": ("Die eigene Region anlegen", "Make your own region"),
    "demo.stay": (
        "Die Portale antworten weiter ({address}).\nIn einem zweiten Fenster: eine Datei unter {folder}/web ändern, dann\n{command}\n"
        "Strg-C beendet.",
        "The portals go on answering ({address}).\nIn a second window: change a file under {folder}/web, then\n{command}\n"
        "Ctrl-C ends this.",
    ),
    "demo.col.member": ("Ort", "Town"),
    "demo.col.portal": ("Portal", "Portal"),
    "demo.col.new": ("neu", "new"),
    "demo.col.what": ("Was", "What"),
    "demo.col.example": ("Beispiel", "Example"),
    "demo.col.cause": ("Zum Beispiel", "For example"),
    "demo.portal.reiherstadt": ("RDF/XML von 2021", "RDF/XML of 2021"),
    "demo.portal.ottermuende": ("Turtle von heute", "Turtle of today"),
    "demo.portal.birkenrode": ("eigenes CKAN", "CKAN of its own"),
    "demo.portal.lindenwerder": ("gemeinsames CKAN", "shared CKAN"),
    "demo.portal.seelinden": ("ebenda, zweisprachig", "the same, bilingual"),
    "demo.portal.eschenrode": ("Datei in JSON-LD", "file in JSON-LD"),
    "demo.repair.upgrade": ("auf DCAT-AP.de 3.0 gehoben", "raised to DCAT-AP.de 3.0"),
    "demo.repair.codes": ("Wörter zu amtlichen Codes", "words to official codes"),
    "demo.repair.forms": ("Datum, Zahl, Adresse, Ort", "dates, numbers, places"),
    "demo.repair.derived": ("aus anderem abgeleitet", "derived from what is said"),
    "demo.repair.default": ("nach Vorgaben ergänzt", "filled in by defaults"),
    "demo.repair.lookup": ("von Hand entschieden", "decided by hand"),
    "demo.repair.hook": ("nach eigener Regel", "by a rule of your own"),
}  # fmt: skip
