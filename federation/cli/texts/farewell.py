"""Sentences of the commands by which something leaves, and the protocol of an erasure."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "cmd.withdraw": ("Einen Datensatz sofort zurückziehen oder löschen.", "Withdraw a dataset at once, or erase it."),
    "cmd.remove": ("Ein Mitglied mit allen Datensätzen entfernen.", "Remove a member with all its datasets."),
    "help.withdraw": (
        "Nimmt einen Datensatz sofort aus allen Ausgaben, auch wenn seine Quelle ihn weiter führt. --undo nimmt das zurück. --erase löscht "
        "ihn endgültig: Inhalt, Befunde, Seiten der Quelle, alte Stände; er wird nie wieder gespeichert, auch nicht durch restore. Ein "
        "Protokoll entsteht in protocols/.\n\n\b\n"
        "  federation withdraw https://daten.region.example/dataset/stadt/7 --reason \"falsche Daten\"\n"
        "  federation withdraw https://daten.region.example/dataset/stadt/7 --erase --dry-run",
        "Takes a dataset out of every output at once, even if its source goes on listing it. --undo takes that back. --erase erases it for "
        "good: content, findings, pages of the source, old generations; it is never stored again, not by a restore either. A protocol is "
        "written to protocols/.\n\n\b\n"
        "  federation withdraw https://daten.region.example/dataset/stadt/7 --reason \"wrong data\"\n"
        "  federation withdraw https://daten.region.example/dataset/stadt/7 --erase --dry-run",
    ),
    "help.remove": (
        "Ein Mitglied verlässt die Region: Seine Datei wandert nach members/removed/, alle seine Datensätze verlassen sofort alle "
        "Ausgaben. --undo holt beides zurück. Mit --erase wird außerdem alles gelöscht, was es je sagte.",
        "A member leaves the region: its file moves to members/removed/, all its datasets leave every output at once. --undo brings both "
        "back. With --erase all that it ever said is erased as well.",
    ),
    "state.erased": ("wurde endgültig gelöscht", "was erased for good"),
    "state.taken_out": ("ist von einer Person zurückgezogen", "is withdrawn by a person"),
    "arg.iri": ("DATENSATZ", "DATASET"),
    "arg.leaving": ("MITGLIED", "MEMBER"),
    "arg.person": ("NAME", "NAME"),
    "opt.reason": ("Warum; steht in 'federation why'.", "Why; shown by 'federation why'."),
    "opt.undo": ("Zurücknehmen.", "Take it back."),
    "opt.erase": ("Endgültig löschen; nicht zurückzunehmen.", "Erase for good; cannot be taken back."),
    "opt.who": ("Wer das entscheidet (sonst das Benutzerkonto).", "Who decides that (else the account)."),
    "withdraw.done": ("{what} ist zurückgezogen (Quelle: {sources}).", "{what} is withdrawn (source: {sources})."),
    "withdraw.would": ("Probelauf: {what} würde zurückgezogen (Quelle: {sources}).", "Dry run: {what} would be withdrawn ({sources})."),
    "withdraw.later": (
        "Gerade arbeitet ein Lauf ({holder}). Die Entscheidung ist vermerkt und gilt, sobald er veröffentlicht; sonst: federation publish",
        "A run is at work ({holder}). The decision is noted and holds as soon as that run publishes; else: federation publish",
    ),
    "readmit.done": ("{what} ist nicht mehr zurückgezogen.", "{what} is withdrawn no longer."),
    "readmit.would": ("Probelauf: {what} wäre nicht mehr zurückgezogen.", "Dry run: {what} would be withdrawn no longer."),
    "remove.done": (
        "{what} ist entfernt (Quellen: {sources}). Zurücknehmen: federation remove {what} --undo",
        "{what} is removed (sources: {sources}). To undo it: federation remove {what} --undo",
    ),
    "remove.would": ("Probelauf: {what} würde entfernt (Quellen: {sources}).", "Dry run: {what} would be removed (sources: {sources})."),
    "return.done": ("{what} ist wieder Mitglied (Quellen: {sources}).", "{what} is a member again (sources: {sources})."),
    "return.would": ("Probelauf: {what} wäre wieder Mitglied.", "Dry run: {what} would be a member again."),
    "erase.done": ("{what} ist endgültig gelöscht:", "{what} is erased for good:"),
    "erase.would": ("Probelauf: {what} würde endgültig gelöscht:", "Dry run: {what} would be erased for good:"),
    "erase.look_at": (
        "Sehen Sie diese Dateien selbst an, sie können davon noch etwas enthalten: {files}",
        "Look at these files yourself, they may still hold some of it: {files}",
    ),
    "erase.protocol_at": ("Protokoll: {path}", "Protocol: {path}"),
    "erased.records": ("Datensätze in der Datenbank", "records in the database"),
    "erased.bodies": ("gespeicherte Fassungen", "stored versions"),
    "erased.findings": ("Befunde", "findings"),
    "erased.pages": ("gespeicherte Seiten der Quellen", "stored pages of the sources"),
    "erased.changes": ("Einträge des Änderungsprotokolls, deren Inhalt entfällt", "entries of the change log that lose their content"),
    "erased.links": ("Adressen für die Linkprüfung", "addresses for checking links"),
    "erased.deliveries": ("Auslieferungen, deren Inhalt entfällt", "deliveries that lose their content"),
    "erased.generations": ("frühere veröffentlichte Stände", "earlier published generations"),
    "erase.protocol": (
        "Protokoll einer endgültigen Löschung\n\nGelöscht:       {what}\nZeitpunkt:      {at} (UTC)\nVeranlasst von: {person}\n\n"
        "Gelöscht wurden:\n{counted}\n\nDie Datenbankdatei wurde danach neu geschrieben und ihr Schreibprotokoll (WAL) geleert.\n"
        "Bewahrt werden nur die folgenden Adressen und dieser Zeitpunkt, in der Datenbank und in erased.csv;\n"
        "was dort steht, wird nie wieder gespeichert und beim Einspielen älterer Sicherungen erneut gelöscht:\n{iris}\n\n"
        "Nicht gelöscht sind Sicherungsdateien, Kopien bei Empfängern des Katalogs und die folgenden Dateien,\n"
        "die von Hand zu prüfen sind:\n{asides}\n",
        "Protocol of an erasure\n\nErased:      {what}\nTime:        {at} (UTC)\nBy order of: {person}\n\n"
        "Cleared were:\n{counted}\n\nThe database file was written anew afterwards, and its write-ahead log emptied.\n"
        "Only the following addresses and this time are kept, in the database and in erased.csv;\n"
        "what stands there is never stored again, and erased anew when an older backup is restored:\n{iris}\n\n"
        "Not erased are backup files, copies at those who receive the catalog, and the following files,\n"
        "which are to be looked at by hand:\n{asides}\n",
    ),
}
