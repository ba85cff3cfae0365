"""What a setting may be: its type, its range, and whether it concerns a star or a collision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, field
from typing import Any


def setting(
    default: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    choices: tuple[float, ...] = (),
    kind: str = "both",
) -> Any:
    """Declare a setting as a field of a dataclass.

    Args:
        default: its value where none is given; None where it may be left out.
        least: smallest allowed value.
        above: every allowed value is larger than this.
        most: largest allowed value; of text, the most letters.
        choices: all allowed values, where they are few.
        kind: "star", "collision" or "both".
    """
    rules = {"least": least, "above": above, "most": most, "choices": choices, "kind": kind}
    return field(default=default, metadata=rules)


def find_problem(declared: Field[Any], value: Any) -> str:
    """Compare a value with what its setting may be.

    Args:
        declared: a field made by `setting`, annotated with int, float, str or one of them or None.
        value: what it was given.

    Returns:
        Name, value and allowed range where it may not be; else nothing.
    """
    types = [part.strip() for part in str(declared.type).split("|")]
    if value is None and "None" in types:
        return ""
    rules = declared.metadata
    right = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, float) and math.isfinite(value),
        "str": isinstance(value, str) and value.isprintable() and value != "",
    }[types[0]]
    if right and (_text_fits(rules, value) if types[0] == "str" else _fits(rules, value)):
        return ""
    return f"{declared.name} = {value!r}, allowed: {_allowed(types[0], rules)}"


def _fits(rules: Mapping[str, Any], value: float) -> bool:
    least, above, most, choices = (rules[k] for k in ("least", "above", "most", "choices"))
    return (
        (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (not choices or value in choices)
    )


def _text_fits(rules: Mapping[str, Any], value: str) -> bool:
    return rules["most"] is None or len(value.encode()) <= rules["most"]


def _allowed(kind: str, rules: Mapping[str, Any]) -> str:
    if kind == "str":
        return f"text of 1 to {rules['most']} printable letters"
    if rules["choices"]:
        return " or ".join(str(choice) for choice in rules["choices"])
    parts = ["a whole number" if kind == "int" else "a finite number"]
    if rules["least"] is not None:
        parts.append(f"at least {rules['least']}")
    if rules["above"] is not None:
        parts.append(f"more than {rules['above']}")
    if rules["most"] is not None:
        parts.append(f"at most {rules['most']}")
    return ", ".join(parts)
