"""sh:pattern, bounded: no expression and no text makes it run away.

A simple expression runs in Python's `re` on short texts, where its effort is at most quadratic. Everything else runs in the engine
of pyoxigraph, which is the one that SPARQL's REGEX (what SHACL asks for) means there, and whose effort grows with the text only: it
knows no look-around and no back references, and expressions that need them are refused when the shapes are read.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import pyoxigraph

from federation.terms import literal

Found: TypeAlias = Callable[[str], bool]

LONGEST = 1000  # characters of an expression
_SHORT = 500  # characters of a text that `re` may read

# Expressions that mean the same in both engines: literal characters, escaped signs, ".", classes without escapes but \s \d \w, and
# after each at most one of ? * +.
_ATOM = r"(?:[^\\\[\](){}|*+?.^$]|\\[.\-/+*?()\[\]{}|^$\\]|\\[sdw]|\.|\[\^?(?:[\w .,:;/@%=~!#'\"&()+-]|\\[sdw.\-/])+\])"
_SIMPLE = re.compile(rf"(\^?)((?:{_ATOM}[?*+]?)*)\$?", re.ASCII)
_QUANTIFIED = re.compile(rf"{_ATOM}([?*+]?)", re.ASCII)
_CLASSES = re.compile(r"\\[sdw]")


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str, flags: str = "") -> Found:
    """A function that says whether the expression is found in a text. `flags` are those of SPARQL (s, m, i, x, q). ValueError with
    the reason for what is no such expression, or one that cannot be bounded.
    """
    if not set(flags) <= set("smixq"):
        raise ValueError(f"flags {flags} (s, m, i, x and q exist)")
    if len(pattern) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    tail = f", {literal(pattern)}, {literal(''.join(sorted(set(flags))))})"
    store = pyoxigraph.Store()
    if not store.query(f'ASK {{ FILTER(BOUND(?found)) BIND(REGEX(""{tail} AS ?found) }}'):
        raise ValueError("not understood, or needs look-around, back references or too much memory")

    def bounded(text: str) -> bool:
        return bool(store.query(f"ASK {{ FILTER(REGEX({literal(text)}{tail}) }}"))

    if not _is_simple(pattern) or not set(flags) <= {"i"}:
        return bounded
    search = re.compile(pattern, re.IGNORECASE if flags else 0).search
    ascii_only = _CLASSES.search(pattern) is not None

    def found(text: str) -> bool:
        if len(text) > _SHORT or not text.isprintable() or (ascii_only and not text.isascii()):
            return bounded(text)
        return search(text) is not None

    return found


def _is_simple(pattern: str) -> bool:
    """Whether `re` needs at most quadratic effort for it: no groups, few optional parts, one unlimited repetition (two behind ^)."""
    shape = _SIMPLE.fullmatch(pattern)
    if shape is None:
        return False
    signs = [found.group(1) for found in _QUANTIFIED.finditer(shape.group(2)) if found.group(1)]
    optional = signs.count("?")
    return optional <= 4 and len(signs) - optional <= (2 if shape.group(1) else 1)
