"""Sentences of the clock, German and English."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "cmd.schedule": ("Nach Zeitplan abgleichen, bis der Vorgang beendet wird.", "Keep in sync by schedule until told to end."),
    "help.schedule": (
        "Läuft im Vordergrund und liest jede Quelle zu ihrer Zeit (schedule in der Datei des Mitglieds, wie in einer crontab), prüft "
        "Links und räumt auf ([schedule] in federation.toml). Was versäumt wurde, wird einmal nachgeholt. Geänderte Dateien gelten "
        "sofort; ist eine fehlerhaft, gilt der Stand davor. Strg-C oder SIGTERM beendet den Vorgang in wenigen Sekunden; was geschrieben "
        "wird, wird noch fertig.\n\nDie Alternative ist eine Zeile für cron oder ein Timer für systemd: federation sync --due.\n\n\b\n"
        "  federation schedule\n"
        "  federation -C /srv/region -v schedule",
        "Runs in the foreground and reads each source at its time (schedule in the member's file, as in a crontab), checks links and "
        "tidies up ([schedule] in federation.toml). What was missed is caught up once. Changed files hold at once; while one is wrong, "
        "what was there before does. Ctrl-C or SIGTERM ends it within seconds; what is being written is finished.\n\n"
        "The alternative is a line for cron or a timer for systemd: federation sync --due.\n\n\b\n"
        "  federation schedule\n"
        "  federation -C /srv/region -v schedule",
    ),
    "opt.due": (
        "Nur lesen, was laut Zeitplan an der Reihe ist; ohne Ausgabe, wenn alles gelingt (für cron und Timer).",
        "Read only what is due by schedule; no output when all is well (for cron and timers).",
    ),
    "due.full": ("--due und --full schließen sich aus.", "--due and --full exclude each other."),
    "schedule.none": (
        "Keine Quelle hat einen Zeitplan; gewartet wird auf Änderungen der Dateien.",
        "No source has a schedule; waiting for the files to change.",
    ),
}  # fmt: skip
