"""Every sentence of the command line in German and English, one file a room with a dict TEXTS {key: (German, English)}.

Help texts are taken when the commands are made, messages when shown. A new file goes into ROOMS.
"""

import locale
import os
from collections.abc import Sequence
from typing import Final

from federation.cli.texts import clock, farewell, frame, manual, openness, quality, renames, watch

ROOMS: Final = (frame, manual, quality, watch, farewell, clock, renames, openness)
TEXTS: Final[dict[str, tuple[str, str]]] = {key: words for room in ROOMS for key, words in room.TEXTS.items()}
_chosen: list[str] = []


def language() -> str:
    """"de" or "en": `--lang`, else LC_ALL, LC_MESSAGES or LANG, else English."""
    if _chosen:
        return _chosen[0]
    for name in ("FEDERATION_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "de" if os.environ[name].lower().startswith("de") else "en"
    return "de" if (locale.getlocale()[0] or "").lower().startswith("de") else "en"


def choose(name: str) -> None:
    """Settles the language for this process ("" leaves it to the environment)."""
    _chosen[:] = [name] if name else []


def settle(arguments: Sequence[str]) -> list[str]:
    """Settles the language that a command line names, wherever in it `--lang` stands, and moves it to the front, where click wants it."""
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    for position, word in enumerate(rest[:end]):
        if word == "--lang" and position + 1 < end:
            value = rest[position + 1]
            del rest[position : position + 2]
        elif word.startswith("--lang="):
            value = word.partition("=")[2]
            del rest[position]
        else:
            continue
        if value in ("de", "en"):
            choose(value)
        return ["--lang", value, *rest]
    return rest


def text(key: str, **params: object) -> str:
    """The sentence of a key in the language of the moment, its placeholders filled."""
    german, english = TEXTS[key]
    return (german if language() == "de" else english).format(**params)
