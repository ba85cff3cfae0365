"""One encounter on the command line: a table to read, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table

from surrogate.cli.fields import explain_lost
from surrogate.collisions.encounter import Bounds, Domain, Encounter, Fate, Outcome, Regime
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
    Domain.STRUCTURE: "the stars or their speed are unlike all simulated ones",
}
CODES = ("regime", "fate", "in_domain", "reason")
"""Fields of an `Outcome` that are no floats."""
LABELS = {
    "age": "Age",
    "age2": "Age of star 2",
    "m1": "Mass of star 1",
    "m2": "Mass of star 2",
    "rp": "Pericentre",
    "vinf": "Velocity",
    "r1": "Radius of star 1",
    "r2": "Radius of star 2",
    "rh1": "Half-mass radius of star 1",
    "rh2": "Half-mass radius of star 2",
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
        raise ValueError(explain_lost(values))
    if as_json:
        print(json.dumps(as_dictionary(values, outcome), indent=2, allow_nan=False))
        return
    console = Console()
    console.print(Group(*_tables(values, outcome, smooth, console)))


def as_dictionary(values: dict[str, float], outcome: Outcome) -> dict[str, Any]:
    """The encounter and its outcome by name, with the words for the labels."""
    return {
        **values,
        "regime": Regime(int(outcome.regime)).name.lower(),
        "fate": int(outcome.fate),
        "fate_name": Fate(int(outcome.fate)).name.lower(),
        **{name: _plain(value) for name, value in outcome._asdict().items() if name not in CODES},
        "in_domain": bool(outcome.in_domain),
        "reasons": [r.name.lower() for r in _reasons(outcome) if r.name],
    }


def _plain(value: Any) -> float | dict[str, float | None] | None:
    """A number, or each of some bounds, as JSON knows it: null where there is none."""
    if isinstance(value, Bounds):
        return {name: _number(bound) for name, bound in value._asdict().items()}
    return _number(value)


def _number(value: Any) -> float | None:
    # Nine digits tell every float32 from its neighbours.
    return float(f"{float(value):.9g}") if np.isfinite(value) else None


def _reasons(outcome: Outcome) -> list[Domain]:
    return [reason for reason in REASONS if reason & int(outcome.reason)]


def _tables(
    values: dict[str, float], outcome: Outcome, smooth: bool, console: Console
) -> list[RenderableType]:
    return [
        _encounter(values),
        "",
        _answer(outcome, smooth),
        _probabilities(outcome),
        _masses(values, outcome, smooth, console),
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
    labels = LABELS | {"age": "Age of star 1"} if "age2" in values else LABELS
    for name, label in labels.items():
        if name in values:
            table.add_row(label, f"{values[name]:g} {ALLOWED[name].unit}")
    return table


def _answer(outcome: Outcome, smooth: bool) -> Table:
    table = _pairs()
    table.add_row("Regime", f"[bold]{REGIMES[Regime(int(outcome.regime))]}[/bold]")
    table.add_row("Fate", f"[bold]{FATES[Fate(int(outcome.fate))]}[/bold]")
    reasons = "; ".join(REASONS[reason] for reason in _reasons(outcome))
    table.add_row("In domain", "[green]yes[/green]" if not reasons else f"[red]no[/red]: {reasons}")
    if np.isfinite(outcome.ood):
        table.add_row("OOD score", f"{float(outcome.ood):.2f} (out of domain above 1)")
    if smooth:
        table.add_row("Masses", "expected over fates and regimes (--smooth)")
    return table


def _probabilities(outcome: Outcome) -> Table:
    table = _table("Fate", "Probability")
    shares = (outcome.p_none, outcome.p_merger, outcome.p_two, outcome.p_stripped)
    for fate, share in zip(FATES, shares, strict=True):
        style = "bold" if fate == int(outcome.fate) else ""
        table.add_row(FATES[fate], _percent(share), style=style)
    table.add_row("  only star 1 survives", _percent(outcome.p_survivor1))
    table.add_row("  only star 2 survives", _percent(outcome.p_survivor2))
    return table


def _percent(share: Any) -> str:
    return f"{100 * float(share):.2f} %"


class _Mass(NamedTuple):
    """A row of the table of masses."""

    name: str
    before: float
    after: float
    bounds: Bounds

    @property
    def interval68(self) -> str:
        return f"{self.bounds.low68:.4f} to {self.bounds.high68:.4f}"

    @property
    def interval95(self) -> str:
        return f"{self.bounds.low95:.4f} to {self.bounds.high95:.4f}"


def _masses(
    values: dict[str, float], outcome: Outcome, smooth: bool, console: Console
) -> RenderableType:
    """Masses before and after; their intervals stand beside them, or below in a narrow terminal."""
    o = outcome
    masses = [
        _Mass("star 1", values["m1"], float(o.m1_final), o.m1_bounds),
        _Mass("star 2", values["m2"], float(o.m2_final), o.m2_bounds),
        _Mass("unbound", 0.0, float(o.m_unbound), o.unbound_bounds),
    ]
    after = "expected" if smooth else "after"
    if not np.isfinite([mass.bounds for mass in masses]).all():
        return _without_intervals(masses, after)
    wide = _intervals_beside(masses, after)
    unlimited = console.options.update_width(1000)
    fits = console.measure(wide, options=unlimited).maximum <= console.width
    return wide if fits else _intervals_below(masses, after)


def _without_intervals(masses: list[_Mass], after: str) -> Table:
    table = _table("Mass [Msun]", "before", after)
    for mass in masses:
        table.add_row(mass.name, f"{mass.before:.4f}", f"{mass.after:.4f}")
    return _with_total(table, masses)


def _intervals_beside(masses: list[_Mass], after: str) -> Table:
    table = _table("Mass [Msun]", "before", after, "68 % interval", "95 % interval")
    for mass in masses:
        numbers = f"{mass.before:.4f}", f"{mass.after:.4f}"
        table.add_row(mass.name, *numbers, mass.interval68, mass.interval95)
    return _with_total(table, masses)


def _intervals_below(masses: list[_Mass], after: str) -> Table:
    table = _table("Msun", "before", after)
    for mass in masses:
        table.add_row(mass.name, f"{mass.before:.4f}", f"{mass.after:.4f}")
        table.add_row("  68 %", "", mass.interval68)
        table.add_row("  95 %", "", mass.interval95)
    return _with_total(table, masses)


def _with_total(table: Table, masses: list[_Mass]) -> Table:
    before, after = sum(mass.before for mass in masses), sum(mass.after for mass in masses)
    table.add_section()
    table.add_row("total", f"{before:.4f}", f"{after:.4f}", style="bold")
    return table
