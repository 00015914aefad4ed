"""What a rule of normalising did, in words for the people of a town: `vocabularies/texts/rules.csv`, one rule a line."""

import csv
from functools import cache
from importlib.resources import files


@cache
def texts() -> dict[str, tuple[str, str]]:
    """{rule: (German, English)}; a rule without a line of its own shares that of its family ("code" for "code:hash")."""
    rows = csv.DictReader(files("vocabularies").joinpath("texts", "rules.csv").read_text(encoding="utf-8").splitlines())
    return {row["rule"]: (row["de"], row["en"]) for row in rows}


def known(rule: str) -> bool:
    """Whether every part of a rule has its words."""
    return all(part in texts() or part.partition(":")[0] in texts() for part in rule.split("+"))


def explained(rule: str, language: str) -> str:
    """What a rule ("namespace+code:hash") did, in `language` ("de" or "en"); its parts that have no words are named as they are."""
    parts = rule.split("+")
    if len(parts) > 1 and parts[0] == "namespace":
        parts = parts[1:]  # what else was done says more
    said = [texts().get(part) or texts().get(part.partition(":")[0]) or (part, part) for part in parts]
    return "; ".join(dict.fromkeys(each[0 if language == "de" else 1] for each in said))
