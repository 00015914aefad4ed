"""The manual: what each command's help page says, and the words of help pages and usage errors, in German and English.

"\\b" keeps the lines of the paragraph behind it as they are.
"""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "app.end": (
        "\b\nRückgabewerte: 0 erledigt, 1 Fehler des Programms, 2 Aufruf oder Konfiguration falsch,\n"
        "3 eine Quelle gescheitert (die anderen sind fertig), 4 etwas wartet auf eine\n"
        "Entscheidung, 75 ein anderer Lauf ist am Werk.",
        "\b\nExit codes: 0 done, 1 a fault of the program, 2 usage or configuration is wrong,\n"
        "3 some source failed (the others are done), 4 something waits for a decision,\n"
        "75 another run is at work.",
    ),
    "usage": ("Aufruf", "Usage"),
    "usage.options": ("Optionen", "Options"),
    "usage.commands": ("Befehle", "Commands"),
    "usage.some_options": ("[OPTIONEN]", "[OPTIONS]"),
    "usage.some_command": ("BEFEHL [ARGUMENTE]...", "COMMAND [ARGS]..."),
    "usage.dir": ("ORDNER", "DIR"),
    "usage.help": ("Hilfe: {command}", "Help: {command}"),
    "usage.mean": ("Meinten Sie {near}?", "Did you mean {near}?"),
    "usage.no_command": ("Den Befehl {name} gibt es nicht.", "There is no command {name}."),
    "usage.no_option": ("Die Option {name} gibt es hier nicht.", "There is no option {name} here."),
    "usage.missing": ("{name} fehlt.", "{name} is missing."),
    "usage.bad": ("Der Wert von {name} passt nicht. Erwartet: {expected}", "The value of {name} does not fit. Expected: {expected}"),
    "usage.needs_value": ("Die Option {name} braucht einen Wert.", "The option {name} needs a value."),
    "usage.extra": ("Das ist zu viel: {words}", "This is too much: {words}"),
    "usage.number": ("eine Zahl", "a number"),
    "usage.path": ("eine Datei, kein Ordner", "a file, not a folder"),
    "usage.one_of": ("eines von {choices}", "one of {choices}"),
    "arg.url": ("ADRESSE", "URL"),
    "arg.target": ("ADRESSE|QUELLE", "URL|SOURCE"),
    "arg.source": ("QUELLE", "SOURCE"),
    "arg.sources": ("[QUELLE]...", "[SOURCE]..."),
    "arg.file": ("DATEI", "FILE"),
    "arg.dataset": ("DATENSATZ", "DATASET"),
    "arg.spelling": ("[SCHREIBWEISE]", "[SPELLING]"),
    "arg.kind": ("federation|member", "federation|member"),
    "arg.option": ("NAME=WERT", "NAME=VALUE"),
    "arg.text": ("TEXT", "TEXT"),
    "arg.key": ("SCHLÜSSEL", "KEY"),
    "arg.code": ("ART", "CODE"),
    "arg.generation": ("STAND", "GENERATION"),
    "arg.number": ("ZAHL", "NUMBER"),
    "arg.connector": ("ANSCHLUSS", "CONNECTOR"),
    "arg.member": ("KENNUNG", "ID"),
    "help.init": (
        "Legt im Ordner (-C, sonst hier) einen Arbeitsbereich an: eine kommentierte federation.toml und die Ordner members und lookups. "
        "Vorhandenes bleibt unberührt.\n\n\b\n"
        "  federation -C region init --title \"Offene Daten der Region\" \\\n    --base-url https://daten.region.example",
        "Makes a workspace in the folder (-C, else here): a commented federation.toml and the folders members and lookups. What exists "
        "stays untouched.\n\n\b\n"
        "  federation -C region init --title \"Open data of the region\" \\\n    --base-url https://daten.region.example",
    ),
    "help.add": (
        "Sieht nach, welche Software unter der Adresse antwortet, und schreibt eine kommentierte Mitgliedsdatei mit der Stufe preview: "
        "Noch ist nichts öffentlich. Nennen Sie mit --connector den Anschluss, so wird die Datei auch geschrieben, wenn dort gerade "
        "niemand antwortet.\n\n\b\n"
        "  federation add https://opendata.stadt.example\n"
        "  federation add https://ckan.kreis.example --key 13003000 \\\n    --option organization=stadt-musterhausen",
        "Looks what software answers at the address and writes a commented member file at stage preview: nothing is public yet. Where you "
        "name the connector, the file is written even if nobody answers there just now.\n\n\b\n"
        "  federation add https://opendata.city.example\n"
        "  federation add https://ckan.county.example --key 13003000 \\\n    --option organization=stadt-musterhausen",
    ),
    "help.check": (
        "Liest eine Quelle (eine Adresse, auch ohne Arbeitsbereich, oder die Kennung einer eingerichteten Quelle) und zeigt, was daraus "
        "würde: Datensätze, Änderungen nach Regel, Befunde. Nichts wird gespeichert.\n\n\b\n"
        "  federation check https://opendata.stadt.example/catalog.rdf --limit 20",
        "Reads a source (an address, also without a workspace, or the id of one that is set up) and shows what would become of it: "
        "datasets, changes by rule, findings. Nothing is stored.\n\n\b\n"
        "  federation check https://opendata.city.example/catalog.rdf --limit 20",
    ),
    "help.sync": (
        "Liest die genannten Quellen oder Mitglieder (sonst alle), bringt den Katalog auf ihren Stand und veröffentlicht ihn. Kommt eine "
        "Liste unvollständig an oder fehlt plötzlich vieles, so wird der Lauf zurückgehalten, und nichts verschwindet.",
        "Reads the sources or members named (else all), brings the catalog in line with them and publishes it. Should a listing arrive in "
        "part or much be missing all of a sudden, the run is held and nothing vanishes.",
    ),
    "help.publish": (
        "Macht öffentlich, was gelesen und freigegeben ist (Mitglieder der Stufen region und forward), und schreibt die Seiten in den "
        "Ordner public. Keine Quelle wird dazu gelesen.",
        "Makes public what was read and cleared (members at the stages region and forward) and writes the pages to the folder public. No "
        "source is read for it.",
    ),
    "help.export": (
        "Schreibt den ganzen öffentlichen Katalog in eine Datei. Ihre Endung sagt das Format: .ttl .rdf .jsonld .nt, auch mit .gz.\n\n\b\n"
        "  federation export katalog.rdf.gz",
        "Writes the whole public catalog to one file. Its ending tells the format: .ttl .rdf .jsonld .nt, also with .gz.\n\n\b\n"
        "  federation export catalog.rdf.gz",
    ),
    "help.status": (
        "Jede Quelle in einer Zeile: Stand, Stufe, Datensätze, letzter Lauf, Befunde (Verstöße / Warnungen / Hinweise).",
        "Each source on a line: state, stage, datasets, last run, findings (violations / warnings / notes).",
    ),
    "help.findings": (
        "Was an den Daten nicht stimmt, nach Ursache gebündelt, das Schwerste zuerst, mit Abhilfe. Ohne Namen: alle Quellen.\n\n\b\n"
        "  federation findings rostock --severity violation\n"
        "  federation findings --code unknown-licence --all\n"
        "  federation findings --since last\n"
        "  federation findings rostock --since 2026-01-31",
        "What is wrong with the data, grouped by cause, the gravest first, with remedy. Without a name: all sources.\n\n\b\n"
        "  federation findings rostock --severity violation\n"
        "  federation findings --code unknown-licence --all\n"
        "  federation findings --since last\n"
        "  federation findings rostock --since 2026-01-31",
    ),
    "help.why": (
        "Die Geschichte eines Datensatzes: woher er kommt, was die Quelle sagte, was daran nach welcher Regel geändert wurde, was daraus "
        "geworden ist. DATENSATZ ist seine Adresse, seine Kennung in der Quelle oder ein Teil des Titels.",
        "The story of one dataset: where it comes from, what the source said, what was changed in it by which rule, and what became of "
        "it. DATASET is its address, its identifier in the source or part of its title.",
    ),
    "help.held": (
        "Was zurückgehalten ist und auf eine Entscheidung wartet (release oder rollback), mit Titeln. Rückgabewert 4, wenn etwas wartet.",
        "What is held and waits for a decision (release or rollback), with titles. Exit code 4 when something waits.",
    ),
    "help.release": (
        "Nimmt an, was der letzte Lauf einer zurückgehaltenen Quelle sagte: Neues wird öffentlich, Fehlendes entfällt; ein rollback endet.",
        "Accepts what the last run of a held source said: what is new becomes public, what is missing leaves; a rollback ends.",
    ),
    "help.rollback": (
        "Hält für eine Quelle einen früheren Stand öffentlich (sonst den vor ihrem letzten Lauf), bis Sie sie mit release freigeben.",
        "Keeps an earlier generation public for a source (else the one before its last run) until you release it.",
    ),
    "help.lookups": (
        "Schreibweisen, die keine Liste kennt, mit den ähnlichsten Codes, die häufigsten zuerst.",
        "Spellings that no list knows, with the most similar codes, the most frequent first.",
    ),
    "help.backup": (
        "Sichert die Datenbank, auch während ein Lauf arbeitet, und prüft die Sicherung. Endet DATEI auf .zst, wird sie gepackt.",
        "Backs up the database, even while a run is at work, and verifies the backup. It is packed where FILE ends in .zst.",
    ),
    "help.restore": (
        "Setzt eine geprüfte Sicherung an die Stelle der Datenbank. Über vorhandene Daten nur mit --force; sie bleiben daneben als "
        ".before-restore erhalten.",
        "Puts a verified backup in the place of the database. Over data that exist only with --force; they are kept beside it as "
        ".before-restore.",
    ),
    "help.connectors": (
        "Die Anschlüsse: welche Software gelesen werden kann, mit den Optionen von [source.options].",
        "The connectors: which software can be read, with the options of [source.options].",
    ),
    "help.vocabularies": (
        "Die Codelisten mit Fassung und Herkunft. Mit einer SCHREIBWEISE: was sie in jeder Liste bedeutet.\n\n\b\n"
        "  federation vocabularies dl-zero-de/2.0",
        "The code lists with version and origin. With a SPELLING: what it means in each.\n\n\b\n"
        "  federation vocabularies dl-zero-de/2.0",
    ),
    "help.schema": (
        "JSON-Schema von federation.toml (federation) oder einer Mitgliedsdatei (member), für die Prüfung im Editor.",
        "JSON Schema of federation.toml (federation) or of a member file (member), for checks in the editor.",
    ),
    "help.demo": (
        "Liest eine mitgelieferte Beispielregion über HTTP auf diesem Rechner, veröffentlicht sie und sagt, was sich damit tun lässt.",
        "Reads an example region that comes with the program, over HTTP on this machine, publishes it and says what can be done with it.",
    ),
}  # fmt: skip
