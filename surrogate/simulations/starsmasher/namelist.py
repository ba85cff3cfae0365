"""Fortran namelists as StarSmasher's `sph.input` and `sph.init` use them: one group of scalars."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias

from surrogate.learning.files import write_text
from surrogate.simulations.fortran import fortran_float

Value: TypeAlias = int | float | bool | str
"""What a name in a namelist may hold."""

_GROUP = re.compile(r"\s*[&$](\w+)")
_END = re.compile(r"\s*(?:/|[&$]end\b)", re.IGNORECASE)
_NAME = re.compile(r"[\s,]*([A-Za-z]\w*)\s*=\s*")
_STRING = re.compile(r"'(?:[^'\n]|'')*'|\"(?:[^\"\n]|\"\")*\"")
_WORD = re.compile(r"[^\s,/!]+")
_AFTER = re.compile(r"\s*,?")
_LOGICAL = {".true.": True, ".t.": True, "t": True, "true": True,
            ".false.": False, ".f.": False, "f": False, "false": False}  # fmt: skip


def read_namelist(path: Path, group: str) -> dict[str, Value]:
    """Read one group of a namelist file.

    Args:
        path: the file.
        group: its name without the `&`; upper and lower case are the same.

    Returns:
        The values; names in lower case, in the order of the file. Where a name stands twice, the
        last one holds, as in Fortran.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read; with path, line and text.
    """
    return parse_namelist(path.read_text(errors="replace"), group, str(path))


def parse_namelist(text: str, group: str, source: str = "namelist") -> dict[str, Value]:
    """Read one group from the text of a namelist file.

    Args:
        text: what the file holds; comments run from `!` to the end of a line.
        group: its name without the `&`; upper and lower case are the same.
        source: what to call the text in errors.

    Returns:
        As `read_namelist`.

    Raises:
        ValueError: it cannot be read; with line and text.
    """
    clean = _without_comments(text)

    def refuse(position: int, problem: str) -> NoReturn:
        line = clean.count("\n", 0, position) + 1
        shown = text.split("\n")[line - 1].strip()
        raise ValueError(f"{source}, line {line}: {problem}: {shown!r}.")

    start = _GROUP.match(clean)
    if start is None or start[1].lower() != group.lower():
        refuse(len(clean) - len(clean.lstrip()), f"should start with &{group.upper()}")
    values: dict[str, Value] = {}
    at = start.end()
    while not _END.match(clean, at):
        name = _NAME.match(clean, at)
        if name is None:
            rest = len(clean) - len(clean[at:].lstrip(" \t\n\r,"))
            if rest == len(clean):
                refuse(len(clean.rstrip()), f"&{group.upper()} is never closed by &END or /")
            refuse(rest, "should be name = value")
        at = name.end()
        found = _STRING.match(clean, at) or _WORD.match(clean, at)
        if found is None:
            refuse(name.start(1), f"{name[1]} has no value")
        try:
            values[name[1].lower()] = _value(found[0])
        except ValueError:
            refuse(found.start(), f"{name[1]} = {found[0]} is no number, logical or 'string'")
        after = _AFTER.match(clean, found.end())
        at = after.end() if after else found.end()
    return values


def write_namelist(path: Path, group: str, values: Mapping[str, Value]) -> None:
    """Write a namelist file with one group, and replace an earlier file at once.

    Args:
        path: the file; its folder is made where it is missing.
        group: its name without the `&`.
        values: what it holds.

    Raises:
        ValueError: a name or a value cannot be written.
    """
    write_text(path, format_namelist(group, values))


def format_namelist(group: str, values: Mapping[str, Value]) -> str:
    """Write one group as the text of a namelist file, a value a line.

    Args:
        group: its name without the `&`.
        values: what it holds; floats keep all their digits.

    Returns:
        The text, from which `parse_namelist` reads equal values.

    Raises:
        ValueError: a name or a value cannot be written.
    """
    lines = [f" {name}={_text(name, value)}," for name, value in values.items()]
    return "\n".join([f" &{group.upper()}", *lines, " &END", ""])


def _value(word: str) -> Value:
    if word[0] in "'\"":
        if len(word) < 2 or word[-1] != word[0]:
            raise ValueError(word)
        return word[1:-1].replace(word[0] * 2, word[0])
    if re.fullmatch(r"[+-]?\d+", word):
        return int(word)
    if word.lower() in _LOGICAL:
        return _LOGICAL[word.lower()]
    return fortran_float(word)


def _text(name: str, value: Value) -> str:
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        raise ValueError(f"namelist name {name!r}, allowed: letters, digits and _.")
    if isinstance(value, bool):
        return ".true." if value else ".false."
    if isinstance(value, str):
        if not value.isprintable():
            raise ValueError(f"{name} = {value!r}, allowed: text without control characters.")
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ValueError(f"{name} = {value}, allowed: finite numbers.")
    # d: double precision, whatever kind the reader takes a plain e for.
    text = repr(float(value)).replace("e", "d")
    return text if "d" in text else f"{text}d0"


def _without_comments(text: str) -> str:
    return "\n".join(_before_comment(line) for line in text.split("\n"))


def _before_comment(line: str) -> str:
    for position in _outside_strings(line):
        if line[position] == "!":
            return line[:position]
    return line


def _outside_strings(line: str) -> Iterator[int]:
    quote = ""
    for position, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            yield position
