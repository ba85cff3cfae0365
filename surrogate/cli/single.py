"""One encounter on the command line: a table to read, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table

from surrogate.collisions.encounter import Domain, Encounter, Fate, Outcome, Regime
from surrogate.collisions.inputs import ALLOWED, find_bad_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from surrogate.collisions.predictor import CollisionModel

REGIMES = {
    Regime.COLLISION: "collision: the surfaces touch",
    Regime.CAPTURE: "capture: tides bind the stars, and they merge",
    Regime.FLYBY: "fly-by: the stars pass unchanged",
}
FATES = {
    Fate.NONE: "no star survives",
    Fate.MERGER: "merger: one star is left",
    Fate.TWO: "both stars survive",
    Fate.STRIPPED: "one stripped star survives",
}
REASONS = {
    Domain.INVALID: "a value is not a usable number",
    Domain.MASS: "a mass lies outside the simulated 0.2 to 64 Msun",
    Domain.PRE_ZAMS: "a star has not yet reached the main sequence",
    Domain.POST_TAMS: "a star has left the main sequence",
    Domain.VELOCITY: "the velocity exceeds the simulated 16,000 km/s",
    Domain.RADIUS: "a radius is more than a factor 2 off the structure model's",
}
LABELS = {
    "age": "Age",
    "m1": "Mass of star 1",
    "m2": "Mass of star 2",
    "rp": "Pericentre",
    "vinf": "Velocity",
    "r1": "Radius of star 1",
    "r2": "Radius of star 2",
}


def predict_one(
    values: dict[str, float],
    load: Callable[[], CollisionModel],
    *,
    smooth: bool,
    as_json: bool,
) -> None:
    """Predict and print one encounter.

    Args:
        values: fields of `Encounter`, in its units.
        load: makes the model.
        smooth: ask for expected masses.
        as_json: print JSON in place of a table.

    Raises:
        ValueError: a value is NaN or outside its range.
    """
    problems = find_bad_rows({name: np.array([value]) for name, value in values.items()})
    if problems:
        raise ValueError(f"--{problems[0].text}")
    outcome = jax.device_get(load()(Encounter(**values), smooth=smooth, check=False))
    if outcome.regime < 0:
        raise ValueError("a value is too small for a float32")
    if as_json:
        print(json.dumps(as_dictionary(values, outcome), indent=2))
        return
    Console().print(Group(*_tables(values, outcome, smooth)))


def as_dictionary(values: dict[str, float], outcome: Outcome) -> dict[str, Any]:
    """The encounter and its outcome by name, with the words for the labels."""
    floats = {
        name: float(f"{float(value):.9g}")
        for name, value in outcome._asdict().items()
        if name.startswith(("p_", "m"))
    }
    return {
        **values,
        "regime": Regime(int(outcome.regime)).name.lower(),
        "fate": int(outcome.fate),
        "fate_name": Fate(int(outcome.fate)).name.lower(),
        **floats,
        "in_domain": bool(outcome.in_domain),
        "reasons": [r.name.lower() for r in _reasons(outcome) if r.name],
    }


def _reasons(outcome: Outcome) -> list[Domain]:
    return [reason for reason in REASONS if reason & int(outcome.reason)]


def _tables(values: dict[str, float], outcome: Outcome, smooth: bool) -> list[RenderableType]:
    return [
        _encounter(values),
        "",
        _answer(outcome, smooth),
        _probabilities(outcome),
        _masses(values, outcome, smooth),
    ]


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _pairs() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _encounter(values: dict[str, float]) -> Table:
    table = _pairs()
    for name, value in values.items():
        table.add_row(LABELS[name], f"{value:g} {ALLOWED[name].unit}")
    return table


def _answer(outcome: Outcome, smooth: bool) -> Table:
    table = _pairs()
    table.add_row("Regime", f"[bold]{REGIMES[Regime(int(outcome.regime))]}[/bold]")
    table.add_row("Fate", f"[bold]{FATES[Fate(int(outcome.fate))]}[/bold]")
    reasons = "; ".join(REASONS[reason] for reason in _reasons(outcome))
    table.add_row("In domain", "[green]yes[/green]" if not reasons else f"[red]no[/red]: {reasons}")
    if smooth:
        table.add_row("Masses", "expected over fates and regimes (--smooth)")
    return table


def _probabilities(outcome: Outcome) -> Table:
    table = _table("Fate", "Probability")
    shares = (outcome.p_none, outcome.p_merger, outcome.p_two, outcome.p_stripped)
    for fate, share in zip(FATES, shares, strict=True):
        style = "bold" if fate == int(outcome.fate) else ""
        table.add_row(FATES[fate], f"{100 * float(share):.2f} %", style=style)
    return table


def _masses(values: dict[str, float], outcome: Outcome, smooth: bool) -> Table:
    table = _table("Mass [Msun]", "before", "expected" if smooth else "after")
    before = [values["m1"], values["m2"], 0.0]
    after = [float(outcome.m1_final), float(outcome.m2_final), float(outcome.m_unbound)]
    for name, first, last in zip(("star 1", "star 2", "unbound"), before, after, strict=True):
        table.add_row(name, f"{first:.4f}", f"{last:.4f}")
    table.add_section()
    table.add_row("total", f"{sum(before):.4f}", f"{sum(after):.4f}", style="bold")
    return table
