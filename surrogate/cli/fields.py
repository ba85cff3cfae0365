"""Fields of an encounter on the command line: which it needs, and which only together."""

from __future__ import annotations

from collections.abc import Collection, Mapping

REQUIRED = ("age", "m1", "m2", "rp", "vinf")
OPTIONAL = ("r1", "r2", "age2", "rh1", "rh2")
"""In the order of `Encounter`, which is that of the output."""

_NEEDS = {
    "r1": {"r2"},
    "r2": {"r1"},
    "rh1": {"r1", "r2", "rh2"},
    "rh2": {"r1", "r2", "rh1"},
}
"""What a field has no meaning without."""


def find_missing(given: Collection[str]) -> list[str]:
    """Names of the fields without which the given ones make no encounter, in order."""
    needed = set(REQUIRED).union(*(_NEEDS.get(name, ()) for name in given))
    return [name for name in (*REQUIRED, *OPTIONAL) if name in needed and name not in given]


def explain_partners(missing: Collection[str]) -> str:
    """Which fields belong together, where one of them is missing; empty where none is."""
    rules = []
    if "rh1" in missing or "rh2" in missing:
        rules.append("Give both rh1 and rh2, or neither.")
    if "r1" in missing and "r2" in missing:
        rules.append("rh1 and rh2 need r1 and r2.")
    elif "r1" in missing or "r2" in missing:
        rules.append("Give both r1 and r2, or neither.")
    return " ".join(rules)


def explain_lost(values: Mapping[str, float]) -> str:
    """Why an encounter has no answer although each of its values, by itself, is allowed."""
    for half, whole in (("rh1", "r1"), ("rh2", "r2")):
        if half in values and values[half] >= values[whole] * (1 - _ROUNDING):
            return f"{half} = {values[half]:.10g}, allowed: below {whole} = {values[whole]:.10g}"
    return "a value is too small for a float32"


_ROUNDING = 2e-7
"""Two numbers closer than that may be one as float32."""
