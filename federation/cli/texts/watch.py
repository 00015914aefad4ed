"""Sentences of the commands that watch (runs, acknowledge, health, metrics, mail) and of verdicts, German and English."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "cmd.runs": ("Was die Läufe ergeben haben, der neueste zuerst.", "What the runs came to, newest first."),
    "cmd.acknowledge": ("Vermerken, wer sich um eine Quelle kümmert.", "Record who takes care of a source."),
    "cmd.health": ("Ob diese Installation arbeiten kann.", "Whether this installation can work."),
    "cmd.metrics": ("Messwerte für Prometheus.", "Metrics for Prometheus."),
    "cmd.mail": ("Eine Probe der Benachrichtigung verschicken.", "Send a test notification."),
    "help.runs": (
        "Die Läufe einer Quelle (sonst aller), der neueste zuerst: Ausgang, Datensätze, Dauer, Grund. Wie lange sie aufgehoben werden, "
        "sagt [store] keep_runs_days; der letzte jeder Quelle bleibt immer.\n\n\b\n"
        "  federation runs rostock --limit 7\n"
        "  federation runs --json",
        "The runs of a source (else of all), newest first: outcome, datasets, seconds, reason. How long they are kept is said by "
        "[store] keep_runs_days; the last one of each source always stays.\n\n\b\n"
        "  federation runs rostock --limit 7\n"
        "  federation runs --json",
    ),
    "help.acknowledge": (
        "Vermerkt, wer sich um eine gelbe oder rote Quelle kümmert; 'status' zeigt es, und die Vertretung wird dann nicht benachrichtigt. "
        "Der Vermerk endet, sobald die Quelle wieder in Ordnung ist.\n\n\b\n"
        "  federation acknowledge rostock --by \"Stelle Open Data\" \\\n    --note \"Portal zieht um, bis Freitag\"",
        "Records who takes care of a source that is yellow or red; 'status' shows it, and the deputy is not told then. The record ends as "
        "soon as the source is in order again.\n\n\b\n"
        "  federation acknowledge rostock --by \"Open data office\" \\\n    --note \"Portal is moving, until Friday\"",
    ),
    "help.health": (
        "Prüft, ob die Datenbank beschreibbar ist, der Zeitplan arbeitet, genug Platz frei ist und die Uhr stimmt; für Container und "
        "Dienste. Rückgabewert 1, wenn etwas davon nicht stimmt. Wie es den Quellen geht, sagt 'federation status'.",
        "Checks whether the database can be written, the schedule is at work, there is room on the disk and the clock is right; for "
        "containers and services. Exit code 1 when something is wrong. How the sources are is told by 'federation status'.",
    ),
    "help.metrics": (
        "Messwerte im Textformat von Prometheus. Mit --file als Datei für den textfile-Sammler von node_exporter; mit [monitoring] "
        "textfile in federation.toml wird sie nach jedem Lauf geschrieben.\n\n\b\n"
        "  federation metrics --file /var/lib/node_exporter/federation.prom",
        "Metrics in the text format of Prometheus. With --file as a file for the textfile collector of node_exporter; with [monitoring] "
        "textfile in federation.toml it is written after each run.\n\n\b\n"
        "  federation metrics --file /var/lib/node_exporter/federation.prom",
    ),
    "help.mail": (
        "Verschickt eine Probe an die Empfänger aus [mail]. Mit --dry-run: zeigt, was die nächste Nachricht sagen würde. Nachrichten "
        "kommen nach einem Lauf, wenn sich der Stand einer Quelle geändert hat, und nur einmal.",
        "Sends a test to the recipients in [mail]. With --dry-run: shows what the next message would say. Messages come after a run when "
        "the state of a source has changed, and only once.",
    ),
    "arg.source_or_all": ("[QUELLE]", "[SOURCE]"),
    "arg.name": ("NAME", "NAME"),
    "opt.by": ("Wer sich kümmert: Stelle oder Name.", "Who takes care: office or name."),
    "opt.note": ("Was dazu zu sagen ist.", "What there is to say about it."),
    "opt.runs_limit": ("Höchstens so viele Läufe (sonst 30).", "At most so many runs (else 30)."),
    "opt.metrics_file": ("In diese Datei statt auf die Standardausgabe.", "To this file, not to standard output."),
    "col.verdict": ("Lage", "State"),
    "col.next": ("nächster Lauf", "next run"),
    "col.started": ("Beginn", "Started"),
    "col.listed": ("gelesen", "read"),
    "col.reason": ("Grund", "Reason"),
    "verdict.green": ("grün", "green"),
    "verdict.yellow": ("gelb", "yellow"),
    "verdict.red": ("rot", "red"),
    "status.whole": ("Gesamtlage", "Overall"),
    "status.command": ("Befehl", "Command"),
    "status.note": ("Vermerk: {note}", "Note: {note}"),
    "status.next": ("Der nächste Lauf beginnt am {at}.", "The next run begins on {at}."),
    "status.due": ("fällig", "due"),
    "status.dues": (
        "Fällig: {count}. Gelesen wird, sobald der Zeitplan arbeitet: federation schedule (oder federation sync --due).",
        "Due: {count}. They are read as soon as the schedule is at work: federation schedule (or federation sync --due).",
    ),
    "runs.none": ("Noch kein Lauf.", "No run yet."),
    "acknowledge.done": (
        "Vermerkt: Um {source} kümmert sich {by}. Der Vermerk endet, sobald die Quelle wieder in Ordnung ist.",
        "Recorded: {by} takes care of {source}. The record ends as soon as the source is in order again.",
    ),
    "acknowledge.would": ("Probelauf: Um {source} würde sich {by} kümmern.", "Dry run: {by} would take care of {source}."),
    "health.database.ok": ("Die Datenbank ist beschreibbar.", "The database can be written."),
    "health.database.wrong": ("Die Datenbank ist nicht beschreibbar: {cause}", "The database cannot be written: {cause}"),
    "health.round.ok": ("Der letzte Lauf begann am {last}.", "The last run began on {last}."),
    "health.round.none": ("Noch kein Lauf.", "No run yet."),
    "health.round.wrong": (
        "Der letzte Lauf begann am {last}; seither sind mindestens drei ausgefallen. Läuft der Dienst (oder Timer, crontab)?",
        "The last run began on {last}; at least three have been missed since. Is the service (or timer, crontab) at work?",
    ),
    "health.disk.ok": ("Auf dem Datenträger sind {free} frei.", "{free} are free on the disk."),
    "health.disk.wrong": ("Auf dem Datenträger sind nur noch {free} frei.", "Only {free} are free on the disk."),
    "health.clock.ok": ("Die Uhr geht: {now}.", "The clock is right: {now}."),
    "health.clock.wrong": (
        "Die Uhr dieses Rechners zeigt {now}; die Datenbank kennt schon Zeiten bis {latest}. Prüfen Sie die Zeitsynchronisation.",
        "The clock of this computer says {now}; the database knows times up to {latest} already. Check the time synchronisation.",
    ),
    "mail.sent": (
        "Verschickt an {to}. Kommt nichts an, sehen Sie im Spam-Ordner nach.",
        "Sent to {to}. If nothing arrives, look into the spam folder.",
    ),
    "mail.waiting": ("Das ginge an: {to}", "This would go to: {to}"),
    "mail.nothing": ("Nichts ist zu melden.", "There is nothing to tell."),
}  # fmt: skip
