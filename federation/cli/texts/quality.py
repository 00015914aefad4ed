"""Sentences of the commands about quality, German and English."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "cmd.mqa": ("Punkte der Metadatenqualität, und was Punkte kostet.", "Points of metadata quality, and what costs points."),
    "help.mqa": (
        "Berechnet, wie viele der 405 Punkte von data.europa.eu (MQA) die Datensätze bekommen: wie die Quelle sie liefert, und wie sie "
        "hier veröffentlicht sind; dazu, welche fehlende Angabe wie viele Punkte kostet und wo sie einzutragen ist. Eine Diagnose, "
        "keine Rangliste.\n\n\b\n"
        "  federation mqa\n"
        "  federation mqa rostock",
        "Reckons how many of the 405 points of data.europa.eu (MQA) the datasets get: as their source delivers them, and as they are "
        "published here; and which missing field costs how many points, and where it is entered. A diagnosis, no ranking.\n\n\b\n"
        "  federation mqa\n"
        "  federation mqa rostock",
    ),
    "opt.profile": (
        "Zeigen, was ein Empfänger abweisen würde: region, kommune, govdata, land-sh, hvd oder ein eigenes Profil.",
        "Show what a receiver would refuse: region, kommune, govdata, land-sh, hvd or a profile of your own.",
    ),
    "opt.shapes": (
        "Auch mit diesen SHACL-Regeln prüfen (Datei oder Ordner); mehrmals erlaubt.",
        "Check by these SHACL shapes too (file or folder); may be repeated.",
    ),
    "opt.datasets": ("Auch jeden Datensatz einzeln.", "Each dataset by itself too."),
    "opt.since": (
        "Nur, was neu und was weg ist: seit einem Datum (2026-01-31), seit einem Lauf (seiner Nummer) oder last: durch den letzten Lauf "
        "jeder Quelle.",
        "Only what is new and what is gone: since a date (2026-01-31), since a run (its number), or last: by the last run of each source.",
    ),
    "arg.since": ("DATUM|LAUF|last", "DATE|RUN|last"),
    "place": ("Wo", "Where"),
    "news.run": ("{source}  seit dem Lauf vom {at} (Nr. {run})", "{source}  since the run of {at} (no. {run})"),
    "news.moment": ("{source}  seit {at}", "{source}  since {at}"),
    "news.unread": ("{source}  ist noch nicht gelesen worden.", "{source}  has not been read yet."),
    "news.new": ("Neu: {count}", "New: {count}"),
    "news.gone": ("Weg: {count}", "Gone: {count}"),
    "news.one_new": ("neu", "new"),
    "news.one_gone": ("weg", "gone"),
    "news.none": ("Nichts Neues, nichts ist weg.", "Nothing new, nothing gone."),
    "news.forgotten": (
        "Was weg ist, wird {days} Tage lang gemerkt; was davor entfiel, steht hier nicht.",
        "What is gone is remembered for {days} days; what went before is not shown.",
    ),
    "news.hint": (
        "Durch den letzten Lauf: {new} neu, {gone} weg. Mehr davon: federation findings --since last",
        "By the last run: {new} new, {gone} gone. More of it: federation findings --since last",
    ),
    "codes.example": ("Zum Beispiel {dataset}: {cause}", "For example {dataset}: {cause}"),
    "arg.profile": ("NAME", "NAME"),
    "arg.shapes": ("DATEI|ORDNER", "FILE|FOLDER"),
    "profile.head": ("Empfänger: {title}", "Receiver: {title}"),
    "profile.refused": (
        "Abgewiesen oder bemängelt würden {refused} von {datasets} Datensätzen.",
        "{refused} of {datasets} datasets would be refused or counted as faulty.",
    ),
    "profile.taken": ("Keiner der {datasets} Datensätze würde abgewiesen.", "None of the {datasets} datasets would be refused."),
    "profile.source": ("Woher die Regel stammt: {source}", "Where the rule comes from: {source}"),
    "profile.more": ("… und {count} weitere", "… and {count} more"),
    "mqa.none": ("Es ist noch kein Datensatz gelesen: federation sync", "No dataset has been read yet: federation sync"),
    "mqa.head": ("{datasets} Datensätze, {points} von {possible} Punkten", "{datasets} datasets, {points} of {possible} points"),
    "mqa.findability": ("Auffindbarkeit", "Findability"),
    "mqa.accessibility": ("Zugänglichkeit", "Accessibility"),
    "mqa.interoperability": ("Interoperabilität", "Interoperability"),
    "mqa.reusability": ("Nachnutzbarkeit", "Reusability"),
    "mqa.contextuality": ("Kontext", "Contextuality"),
    "mqa.total": ("zusammen", "together"),
    "mqa.unmeasured": ("nicht gemessen", "not measured"),
    "mqa.costs": ("Was Punkte kostet", "What costs points"),
    "mqa.faults": (
        "Befunde der Prüfung (Datensätze): wie die Quelle sie liefert, und wie sie veröffentlicht sind",
        "Findings of the check (datasets): as their source delivers them, and as they are published",
    ),
    "check.points": ("Metadatenqualität (MQA):", "Metadata quality (MQA):"),
    "check.datasets": ("Datensätze, die mit den wenigsten Punkten zuerst", "Datasets, those with the fewest points first"),
    "check.more": ("… und {count} weitere (--datasets zeigt alle)", "… and {count} more (--datasets shows all)"),
    "col.faults": ("Befunde", "Findings"),
    "col.said": ("geliefert", "delivered"),
    "col.published": ("veröffentlicht", "published"),
    "profile.before": (
        "Ohne unsere Korrekturen, so wie die Quelle sie liefert: {before}.",
        "Without our repairs, as their source delivers them: {before}.",
    ),
    "mqa.excellent": ("ausgezeichnet", "excellent"),
    "mqa.good": ("gut", "good"),
    "mqa.sufficient": ("ausreichend", "sufficient"),
    "mqa.bad": ("schlecht", "bad"),
    "mqa.": ("-", "-"),
    "mqa.current": (
        "Aktualität: {year} von {dated} datierten Datensätzen änderten sich in den letzten 365 Tagen, zuletzt am {newest} "
        "(insgesamt {datasets}).",
        "Currency: {year} of {dated} dated datasets changed within the last 365 days, the latest on {newest} ({datasets} in all).",
    ),
    "mqa.undated": (
        "Nicht mitgezählt, weil ihr Änderungsdatum der Tag der Abholung ist: {sources}.",
        "Left out because their date of modification is the day of harvest: {sources}.",
    ),
    "mqa.not_measured": (
        "Nicht gemessen: {names} ({points} der {all} Punkte; möglich sind darum {possible}). Adressen prüft: federation links",
        "Not measured: {names} ({points} of the {all} points; so {possible} are possible). Addresses are checked by: federation links",
    ),
    "mqa.assumed": (
        "Wo data.europa.eu seine Rechnung nicht veröffentlicht, ist angenommen:",
        "Where data.europa.eu does not publish its reckoning this is assumed:",
    ),
    "col.before": ("vorher", "before"),
    "col.after": ("nachher", "after"),
    "col.of": ("von", "of"),
    "col.band": ("Stufe", "Band"),
    "col.dimension": ("Bereich", "Dimension"),
    "col.lacking": ("Angabe", "Field"),
    "col.place": ("Wo", "Where"),
    "col.points": ("Punkte", "Points"),
}  # fmt: skip
