"""The command `federation`: thin commands over the rooms below; every sentence in German and English."""

import sys

from federation.cli.texts import choose


def main() -> None:
    """The entry point. The language is settled before the commands are made, since their help texts are taken then."""
    for position, word in enumerate(sys.argv):
        if word == "--lang" and position + 1 < len(sys.argv):
            choose(sys.argv[position + 1])
        elif word.startswith("--lang="):
            choose(word.partition("=")[2])
    from federation.cli import decide, demo, look, rounds, setup  # noqa: F401  importing them makes their commands
    from federation.cli.app import main as run

    sys.exit(run())
