"""The command `federation`: thin commands over the rooms below; every sentence in German and English."""

import sys

from federation.cli.texts import settle


def main() -> None:
    """The entry point. The language is settled before the commands are made, since their help texts are taken then."""
    arguments = settle(sys.argv[1:])
    from federation.cli.app import main as run

    sys.exit(run(arguments))
