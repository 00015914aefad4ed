"""Sentences about what the openness gate keeps out."""

TEXTS = {
    "state.closed": ("wird nicht übernommen; der Grund steht unter den Befunden", "is not federated; its reason stands among the findings"),
    "status.closed": ("{count} Datensätze werden nicht übernommen: {reasons}.", "{count} datasets are not federated: {reasons}."),
    "closed.unmarked": ("ohne Schlagwort opendata", "without the keyword opendata"),
    "closed.unlicensed": ("ohne anerkannte Lizenz", "without a recognised licence"),
    "closed.licence": ("Lizenz nicht offen", "licence not open"),
    "closed.restricted": ("Zugriff oder Nutzung beschränkt", "access or use restricted"),
    "closed.classified": ("Sicherheitseinstufung", "security class"),
    "closed.unfinished": ("Entwurf oder noch nicht freigegeben", "draft or not released yet"),
    "closed.kind": ("keine Daten", "no data"),
}
