"""Sentences about pairs of former and new identifiers, German and English."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "opt.pairs": (
        "CSV mit den Zuordnungen früherer und neuer Kennungen schreiben.",
        "Write the pairs of former and new identifiers as CSV.",
    ),
    "opt.pairs_in": (
        "CSV mit den Zuordnungen, wie held --pairs sie schreibt: Zugeordnete Datensätze behalten ihre Adresse. Ohne diese Angabe gelten "
        "die sicheren Zuordnungen.",
        "CSV with pairs as held --pairs writes it: paired datasets keep their address. Without it the sure pairs hold.",
    ),
    "held.pairs": (
        "Zuordnung früherer und neuer Kennungen: {sure} sicher, {proposed} vorgeschlagen, {none} offen.",
        "Pairs of former and new identifiers: {sure} sure, {proposed} proposed, {none} open.",
    ),
    "held.pairs_next": (
        "Liste schreiben: federation held {source} --pairs zuordnung.csv",
        "Write the list: federation held {source} --pairs pairs.csv",
    ),
    "held.pairs_written": (
        "{count} Zeilen nach {path} geschrieben. Prüfen und ergänzen Sie die Spalte new; wo sie leer ist, wird nichts zugeordnet. Danach: "
        "federation release {source} --pairs {path}",
        "{count} lines written to {path}. Check and complete the column new; where it is empty, nothing is paired. Then: "
        "federation release {source} --pairs {path}",
    ),
    "held.pairs_source": (
        "Nennen Sie die Quelle, deren Zuordnungen geschrieben werden sollen.",
        "Name the source whose pairs shall be written.",
    ),
    "release.pairs": (
        "Zugeordnet: {count} Datensätze behalten ihre Adresse unter neuer Kennung.",
        "Paired: {count} datasets keep their address under a new identifier.",
    ),
}  # fmt: skip
