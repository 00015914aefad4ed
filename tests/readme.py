"""The table of connectors in README.md, made from the connectors themselves: `python -m tests.readme` writes it."""

import inspect
import re
from pathlib import Path

from federation.harvest.connector import registry

README = Path(__file__).resolve().parents[1] / "README.md"
PLACE = re.compile(r"(<!-- connectors: [^>]*-->\n)(.*?)(<!-- /connectors -->)", re.DOTALL)


def table() -> str:
    """A line for each connector: id, what it reads (the first paragraph of its class), its options."""
    lines = ["| `connector =` | reads | options |", "|---|---|---|"]
    for name, connector in registry().items():
        said = " ".join(inspect.cleandoc(type(connector).__doc__ or "").partition("\n\n")[0].split())
        options = ", ".join(f"`{option}`" for option in connector.options.model_fields)
        lines.append(f"| `{name}` | {said} | {options} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the table between its two marks."""
    README.write_text(PLACE.sub(lambda found: found[1] + table() + found[3], README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
