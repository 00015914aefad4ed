"""Where in a TOML document a key stands, which tomllib does not tell: {path: line}, a path being keys and numbers of array elements."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

Path = tuple[str | int, ...]
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n|[\[\]{}=.,]|[^\s\[\]{}=.,"\'#]+', re.DOTALL
)


def positions(text: str) -> dict[Path, int]:
    """The line (from 1) of every table header and every key outside of inline tables and arrays, in a document that is valid TOML.

    Elements of arrays of tables count from 0: `url` in the second [[source]] is ("source", 1, "url").
    """
    found: dict[Path, int] = {}
    sizes: dict[Path, int] = {}
    table: Path = ()
    for line, tokens in _statements(text):
        if tokens[0] == "[":
            several = tokens[1] == "["
            *above, last = _keys(tokens[1 + several : tokens.index("]")])
            table = (*_resolved(above, sizes), last)
            if several:
                sizes[table] = sizes.get(table, 0) + 1
                found.setdefault(table, line)
                table = (*table, sizes[table] - 1)
        else:
            keys = _keys(tokens[: tokens.index("=")])
            for depth in range(1, len(keys)):
                found.setdefault((*table, *keys[:depth]), line)
            found[(*table, *keys)] = line
            continue
        found.setdefault(table, line)
    return found


def line_of(path: Sequence[str | int], found: Mapping[Path, int]) -> str:
    """The line of a path, else of the nearest thing around it that has one; "-" where there is none."""
    for end in range(len(path), 0, -1):
        line = found.get(tuple(path[:end]))
        if line is not None:
            return str(line)
    return "-"


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line of its first token, tokens) of each `key = value` and each header; a value may run over several lines."""
    line, first, depth = 1, 1, 0
    tokens: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n":
            if tokens and depth <= 0:
                yield first, tokens
                tokens, depth = [], 0
        elif token[0] != "#":
            if not tokens:
                first = line
            tokens.append(token)
            depth += (token in "[{") - (token in "]}")
        line += token.count("\n")
    if tokens:
        yield first, tokens


def _keys(tokens: Sequence[str]) -> list[str]:
    return [str(tomllib.loads(f"k = {token}")["k"]) if token[0] in "\"'" else token for token in tokens if token != "."]


def _resolved(keys: Sequence[str], sizes: Mapping[Path, int]) -> Path:
    """A path of keys with the number of the present element behind each array of tables."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path
