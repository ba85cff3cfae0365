"""How far the labels of the SPH grid can be trusted: assumed rows, repeats, few particles.

(a) Rows with Sigma = 2 were not simulated to the end; nearly all hold 0.97 (m1 + m2). What do
    simulated neighbours say, and what do such neighbours say of simulated mergers?
(b) Rows of the same masses, depth and speed at neighbouring ages, between which the stars hardly
    grew, are all but repeats: their differences are the noise of the simulations.
(c) A star has 10,000 particles. How noisy is the mass of what is left when few of them are?

Only the rows of the published training and validation arrays are looked at.

    python experiments/collisions/label_noise.py --grid sph_grid --out results/label_noise.json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from surrogate.collisions.encounter import Fate
from surrogate.collisions.grid import Grid, load_grid, published_split
from surrogate.collisions.splits import SPLITS_FILE
from surrogate.collisions.structure import MASS_FRACTIONS, enclosed_radii

Array = np.ndarray

ASSUMED = 0.97
"""Bound fraction written where a merger was not simulated."""
EXACT = 1e-9
"""Distance from `ASSUMED` up to which a row counts as assumed; simulated rows keep 2e-6 off."""
REPEAT = 0.01
"""Relative difference of both stellar radii below which two ages count as repeats."""
SIMILAR = 0.1
"""The same for ages that are interpolated between."""
PARTICLES = 10_000
"""Particles a star."""
COUNTS = (40, 100, 300, 1000, 3000, 9000, 2 * PARTICLES + 1)
"""Edges of the bins in particles left; the last bin holds stars and products that lost little."""
FEW = (40, 3000)
"""Range of particles left over which the scatter law is fitted."""
MODEL_ERROR = 1e-3
"""Median relative error of the shipped regressor on validation rows (star 1)."""


@dataclass(frozen=True)
class Lattice:
    """The grid with its order: which row is next in age, depth or speed."""

    grid: Grid
    """n rows."""
    depth: Array
    """Index of the enclosed-mass fraction in `MASS_FRACTIONS`, (n,)."""
    speed: Array
    """Index of v_inf among the grid's speeds, (n,)."""
    where: tuple[Array, ...]
    """Place of each row in `rows`: masses, age, depth, speed, each (n,)."""
    rows: Array
    """Row numbers, -1 where there is none, with a rim of -1 all around."""

    def next(self, age: int = 0, depth: int = 0, speed: int = 0) -> Array:
        """Row one step away (steps -1, 0, 1) from each row, -1 where there is none: (n,)."""
        masses, *others = self.where
        steps = zip(others, (age, depth, speed), strict=True)
        return self.rows[(masses, *(index + step for index, step in steps))]


def make_lattice(grid: Grid) -> Lattice:
    """Put the rows in order; r_p = r1(f) + r2(f) tells f."""
    reach = _profiles(grid.m1, grid.age) + _profiles(grid.m2, grid.age)
    away = np.abs(reach - grid.rp[:, None])
    depth = away.argmin(axis=1)
    if np.any(away.min(axis=1) > 1e-3 * grid.rp):
        raise ValueError("a pericentre is none of r1(f) + r2(f); is this the public grid?")
    speed = np.unique(grid.vinf, return_inverse=True)[1]
    _, masses = np.unique(np.stack([grid.m1, grid.m2]), axis=1, return_inverse=True)
    age = np.zeros(len(grid), int)
    for pair in range(masses.max() + 1):
        age[masses == pair] = np.unique(grid.age[masses == pair], return_inverse=True)[1]
    where = (masses, age + 1, depth + 1, speed + 1)
    rows = np.full([index.max() + 2 for index in where], -1)
    rows[where] = np.arange(len(grid))
    return Lattice(grid, depth, speed, where, rows)


def _profiles(mass: Array, age: Array) -> Array:
    stars, index = np.unique(np.stack([mass, age]), axis=1, return_inverse=True)
    return np.asarray(enclosed_radii(*stars))[index]


def bound_fraction(grid: Grid) -> Array:
    """Bound mass over m1 + m2, (n,)."""
    return (grid.m1_final + grid.m2_final) / (grid.m1 + grid.m2)


def assumed_rows(grid: Grid) -> Array:
    """Whether the mass of a merger was written by hand, (n,)."""
    return (grid.fate == Fate.MERGER) & (np.abs(bound_fraction(grid) - ASSUMED) < EXACT)


def simulated_rows(grid: Grid) -> Array:
    """Whether a row was simulated to the end, (n,)."""
    return (grid.sigma == 1) & ~assumed_rows(grid)


# (a) rows that are not simulations


def census(lattice: Lattice) -> dict[str, Any]:
    """Count the assumed rows and say where they stand."""
    grid, assumed = lattice.grid, assumed_rows(lattice.grid)
    bound, merger, simulated = bound_fraction(grid), grid.fate == Fate.MERGER, simulated_rows(grid)
    others = (grid.sigma == 2) & ~assumed
    graze = grazing(lattice)
    fates = [
        Fate(grid.fate[row]).name.lower()
        for near in (lattice.next(age=-1), lattice.next(age=1))
        for row in near[assumed & (near >= 0)]
        if simulated[row]
    ]
    return {
        "rows": len(grid),
        "mergers": int(merger.sum()),
        "sigma 2": int((grid.sigma == 2).sum()),
        "assumed": int(assumed.sum()),
        "assumed with sigma 1": int((assumed & (grid.sigma == 1)).sum()),
        "sigma 2 with another mass": int(others.sum()),
        "their excess over neighbouring ages [m1 + m2]": [
            float(excess.round(4))
            for excess in (bound - neighbour_estimates(lattice)["neighbouring ages"])[others]
        ],
        "simulated within 1e-4 of 0.97": int(
            (merger & simulated & (np.abs(bound - ASSUMED) < 1e-4)).sum()
        ),
        "by speed [km/s]": _tally(grid.vinf[assumed]),
        "by enclosed-mass fraction": _tally(np.array(MASS_FRACTIONS)[lattice.depth[assumed]]),
        "by m1 [Msun]": _tally(grid.m1[assumed]),
        "by mass ratio": _tally((grid.m2 / grid.m1)[assumed].round(3)),
        "at contact and the slowest": {
            "assumed": int((assumed & graze).sum()),
            "simulated mergers": int((merger & simulated & graze).sum()),
            "simulated, two survive": int(((grid.fate == Fate.TWO) & graze).sum()),
        },
        "fates of simulated rows at neighbouring ages": dict(Counter(fates)),
        "not at the border of the mergers": int((assumed & ~at_border(lattice)).sum()),
    }


def _tally(values: Array) -> dict[str, int]:
    kinds, counts = np.unique(values, return_counts=True)
    return {f"{kind:g}": int(count) for kind, count in zip(kinds, counts, strict=True)}


def _simulated(lattice: Lattice, **step: int) -> Array:
    """Whether the row one step away is a simulated merger, (n,)."""
    row = lattice.next(**step)
    genuine = (lattice.grid.fate == Fate.MERGER) & simulated_rows(lattice.grid)
    return (row >= 0) & genuine[row]


def at_border(lattice: Lattice) -> Array:
    """Whether no simulated merger is known one step further out or faster, (n,)."""
    return ~(_simulated(lattice, depth=1) | _simulated(lattice, speed=1))


def grazing(lattice: Lattice) -> Array:
    """Whether the surfaces just touch at the slowest speed, as in most assumed rows, (n,)."""
    return (lattice.depth == len(MASS_FRACTIONS) - 1) & (lattice.speed == 0)


def neighbour_estimates(lattice: Lattice) -> dict[str, Array]:
    """Bound fraction that simulated mergers around each row suggest, (n,); NaN where there is none.

    Assumed rows stand at the outer border of the mergers: on one side of them in depth and speed
    there is nothing to interpolate with, so the next row inside speaks alone.
    """
    grid = lattice.grid

    def bound(row: Array, seen: Array) -> Array:
        return np.where(seen, bound_fraction(grid)[row], np.nan)

    before, after = lattice.next(age=-1), lattice.next(age=1)
    old, new = (
        bound(row, _simulated(lattice, age=step) & (growth(grid, row) < SIMILAR))
        for row, step in ((before, -1), (after, 1))
    )
    share = _share(np.log(grid.age), before, after)
    between = np.where(np.isnan(old), new, np.where(np.isnan(new), old, old + share * (new - old)))
    inside = bound(lattice.next(depth=-1), _simulated(lattice, depth=-1))
    graze = grazing(lattice)
    return {
        "next inside, of grazes": np.where(graze, inside, np.nan),
        "next inside, of others": np.where(graze, np.nan, inside),
        "next slower": bound(lattice.next(speed=-1), _simulated(lattice, speed=-1)),
        "neighbouring ages": between,
    }


def growth(grid: Grid, other: Array) -> Array:
    """Largest relative difference of a stellar radius from that of row `other`, (n,)."""
    return np.maximum(np.abs(grid.r1[other] / grid.r1 - 1), np.abs(grid.r2[other] / grid.r2 - 1))


def _share(x: Array, first: Array, second: Array) -> Array:
    """Position of x between that of two rows, 0 at the first and 1 at the second; 1/2 if equal."""
    width = x[second] - x[first]
    return np.where(width == 0, 0.5, (x - x[first]) / np.where(width == 0, 1.0, width))


def disagreement(lattice: Lattice) -> dict[str, dict[str, float]]:
    """Compare assumed and simulated mergers with their neighbours, in units of m1 + m2.

    The control is every simulated merger at the border of the mergers, of a depth and speed that
    assumed rows have, weighted so that depths and speeds are as frequent as among those. Its
    median difference is what a step inwards changes; both are compared after subtracting it.
    """
    assumed = assumed_rows(lattice.grid)
    genuine = (lattice.grid.fate == Fate.MERGER) & simulated_rows(lattice.grid)
    genuine &= at_border(lattice)
    cell = lattice.depth * (lattice.speed.max() + 1) + lattice.speed
    measured = {}
    for name, estimate in neighbour_estimates(lattice).items():
        signed = bound_fraction(lattice.grid) - estimate
        seen = np.isfinite(signed)
        counts = [np.bincount(cell[seen & kind], minlength=999) for kind in (assumed, genuine)]
        matched = seen & (np.minimum(*counts) > 0)[cell]
        ours, control = matched & assumed, matched & genuine
        weight = (counts[0] / np.maximum(counts[1], 1))[cell[control]]
        step = quantile(signed[control], weight, 0.5)
        off, usual = np.abs(signed[ours] - step), np.abs(signed[control] - step)
        median, usually = float(np.median(off)), quantile(usual, weight, 0.5)
        measured[name] = {
            "assumed rows": int(ours.sum()),
            "control rows": int(control.sum()),
            "assumed": median,
            "control": usually,
            "assumed, 90 %": float(np.quantile(off, 0.9)),
            "control, 90 %": quantile(usual, weight, 0.9),
            "assumed - neighbours": float(np.median(signed[ours])),
            "control - neighbours": step,
            "factor": median / usually,
            "error of the assumption": float(np.sqrt(max(median**2 - usually**2, 0.0))),
        }
    return measured


def quantile(values: Array, weights: Array, q: float) -> float:
    """Quantile of weighted values, both (k,)."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(q * weights.sum(), reached, values[order]))


def weights(found: dict[str, dict[str, float]], noise: float) -> dict[str, dict[str, float]]:
    """Weight of an assumed row beside a simulated one: scale of genuine over scale of assumed rows.

    Args:
        found: what `disagreement` says.
        noise: median relative noise of the mass of a simulated merger [1].

    Returns:
        By what else blurs the label: nothing but the noise, the error of a good model, or that of
        a neighbour (from the control; an upper limit to the weight).
    """
    rows = np.array([one["assumed rows"] for one in found.values()])
    errors = np.array([one["error of the assumption"] for one in found.values()])
    error = float(rows @ errors / rows.sum())
    controls = np.array([one["control"] for one in found.values()])
    scales = {
        "noise of simulations": (noise, error),
        "with the error of a model": (np.hypot(noise, MODEL_ERROR), np.hypot(error, MODEL_ERROR)),
        "with the error of neighbours": (
            float(rows @ controls / rows.sum()),
            float(rows @ [one["assumed"] for one in found.values()] / rows.sum()),
        ),
    }
    return {"error of the assumption": {"median": error}} | {
        name: {
            "factor": float(wrong / right),
            "absolute errors": float(right / wrong),
            "squared errors": float((right / wrong) ** 2),
        }
        for name, (right, wrong) in scales.items()
    }


# (b) repeats


def repeat_pairs(lattice: Lattice, within: float = REPEAT) -> tuple[Array, Array]:
    """Rows (k,) and their repeats (k,) at the next age: both radii differ by less than `within`."""
    later = lattice.next(age=1)
    first = np.flatnonzero((later >= 0) & (growth(lattice.grid, later) < within))
    return first, later[first]


def repeatability(grid: Grid, first: Array, second: Array) -> dict[str, Any]:
    """How well the fates and masses of repeats agree; differences are divided by sqrt 2."""
    simulated = simulated_rows(grid)[first] & simulated_rows(grid)[second]
    agree = grid.fate[first] == grid.fate[second]
    lost = np.abs(grid.fractions[first] - grid.fractions[second]) / np.sqrt(2)
    kinds = {"all": np.ones(len(first), bool), "simulated": simulated}
    kinds |= {
        fate.name.lower(): simulated & (grid.fate[first] == fate)
        for fate in (Fate.MERGER, Fate.TWO, Fate.STRIPPED)
    }
    return {
        name: {
            "pairs": int(kind.sum()),
            "fates agree [%]": float(100 * agree[kind].mean()),
            "star 1": _median_scatter(grid.m1_final, first[kind & agree], second[kind & agree]),
            "star 2": _median_scatter(grid.m2_final, first[kind & agree], second[kind & agree]),
            "mean share of m1 + m2": float(lost[kind].mean()),
        }
        for name, kind in kinds.items()
    }


def _median_scatter(mass: Array, first: Array, second: Array) -> float | None:
    left = (mass[first] > 0) & (mass[second] > 0)
    off = np.abs(mass[first] - mass[second])[left] / mass[first][left] / np.sqrt(2)
    return float(np.median(off)) if len(off) > 4 else None


# (c) the particle limit


def particles(grid: Grid) -> Array:
    """Particles left of each star, (n, 2), were all equally heavy.

    A merger product stands with star 1, out of 20,000; 0 where nothing is left.
    """
    own = np.stack([grid.m1_final / grid.m1, grid.m2_final / grid.m2], axis=1)
    product = np.stack([2 * bound_fraction(grid), np.zeros(len(grid))], axis=1)
    return PARTICLES * np.where((grid.fate == Fate.MERGER)[:, None], product, own)


def pair_scatter(grid: Grid, first: Array, second: Array) -> tuple[Array, Array]:
    """Particles left (k,) and relative scatter of the mass (k,) between repeats of equal fate."""
    left, apart = particles(grid), np.isin(grid.fate, (Fate.TWO, Fate.STRIPPED))
    same = (apart[first] & (grid.fate[first] == grid.fate[second]))[:, None]
    both = same & (left[first] > 0) & (left[second] > 0)
    one, other = left[first][both], left[second][both]
    return np.sqrt(one * other), np.abs(np.log(one / other)) / np.sqrt(2)


def age_scatter(lattice: Lattice) -> tuple[Array, Array]:
    """As `pair_scatter`, of remnants against the ages before and after, interpolated in ln R."""
    grid, left = lattice.grid, particles(lattice.grid)
    before, after = lattice.next(age=-1), lattice.next(age=1)
    share = _share(np.log(grid.r1 + grid.r2), before, after)
    usable = (before >= 0) & (after >= 0) & (share >= 0) & (share <= 1)
    usable &= np.isin(grid.fate, (Fate.TWO, Fate.STRIPPED))
    for near in (before, after):
        usable &= (growth(grid, near) < SIMILAR) & (grid.fate[near] == grid.fate)
    seen = usable[:, None] & (left > 0) & (left[before] > 0) & (left[after] > 0)
    logs, share = np.log(np.where(left > 0, left, 1.0)), share[:, None]
    off = logs - (1 - share) * logs[before] - share * logs[after]
    spread = np.sqrt(1 + (1 - share) ** 2 + share**2)
    return left[seen], np.abs(off / spread)[seen]


def scatter_by_count(left: Array, scatter: Array) -> list[dict[str, Any]]:
    """Median relative scatter, and the same in particles, in the bins of `COUNTS`."""
    bins = []
    for low, high in pairwise(COUNTS):
        inside = (left >= low) & (left < high)
        some = inside.any()
        bins.append(
            {
                "particles": [low, high],
                "remnants": int(inside.sum()),
                "relative": float(np.median(scatter[inside])) if some else None,
                "in particles": float(np.median((left * scatter)[inside])) if some else None,
            }
        )
    return bins


def fit_power(left: Array, scatter: Array, draws: int = 500) -> dict[str, float]:
    """Fit scatter = a (n / 1000)^p over the range `FEW`, in logarithms.

    Returns:
        "power" p with its bootstrap error, and "at 1000": the median scatter there.
    """
    few = (left >= FEW[0]) & (left < FEW[1]) & (scatter > 0)
    x, y = np.log(left[few] / 1000), np.log(scatter[few])
    power = np.polyfit(x, y, 1)[0]
    random = np.random.default_rng(0)
    chosen = random.integers(len(x), size=(draws, len(x)))
    powers = [np.polyfit(x[rows], y[rows], 1)[0] for rows in chosen]
    return {
        "remnants": int(few.sum()),
        "power": float(power),
        "error": float(np.std(powers)),
        "at 1000": float(np.exp(np.median(y - power * x))),
    }


def flips_by_count(grid: Grid, first: Array, second: Array) -> list[dict[str, Any]]:
    """How often the fate flips between repeats, by the particles of the smaller remnant.

    A star counts with what is left of it in the row that has more of it.
    """
    simulated = simulated_rows(grid)[first] & simulated_rows(grid)[second]
    left = np.maximum(particles(grid)[first], particles(grid)[second])
    smaller = np.where(left > 0, left, np.inf).min(axis=1)
    flips = grid.fate[first] != grid.fate[second]
    found = []
    for low, high in pairwise(COUNTS):
        inside = simulated & (smaller >= low) & (smaller < high)
        count, total = int(flips[inside].sum()), int(inside.sum())
        found.append(
            {
                "particles": [low, high],
                "pairs": total,
                "flips": count,
                "flips [%]": 100 * count / total if total else None,
            }
        )
    return found


def measure(lattice: Lattice) -> dict[str, Any]:
    """All three measurements, ready for JSON."""
    grid = lattice.grid
    first, second = repeat_pairs(lattice)
    wider = repeat_pairs(lattice, 3 * REPEAT)
    repeats, found = repeatability(grid, first, second), disagreement(lattice)
    left = particles(grid)
    scatters = {
        "repeats": pair_scatter(grid, first, second),
        "interpolated in age": age_scatter(lattice),
    }
    return {
        "assumed": {
            "census": census(lattice),
            "disagreement": found,
            "weights": weights(found, repeats["merger"]["star 1"]),
        },
        "repeats": repeats,
        "particles": {
            "fewest left": float(left[left > 0].min()),
            "scatter": {name: scatter_by_count(*one) for name, one in scatters.items()},
            "law": {name: fit_power(*one) for name, one in scatters.items()},
            "flips": flips_by_count(grid, first, second),
            "flips, radii within 3 %": flips_by_count(grid, *wider),
        },
    }


def report(console: Console, found: dict[str, Any]) -> None:
    """Print the measurements as tables."""
    assumed, few = found["assumed"], found["particles"]
    for title, rows in (
        ("Assumed rows: where", _flat(assumed["census"])),
        ("Assumed rows against neighbours [m1 + m2]", _turned(assumed["disagreement"])),
        ("Weight of an assumed row", _named(assumed["weights"])),
        ("Repeats (differences / sqrt 2)", _named(found["repeats"])),
        ("Scatter of remnants: repeats", few["scatter"]["repeats"]),
        ("Scatter of remnants: interpolated in age", few["scatter"]["interpolated in age"]),
        ("Scatter law: at 1000 (n / 1000)^power", _named(few["law"])),
        ("Flips of the fate, by the smaller remnant", few["flips"]),
        ("The same, radii within 3 %", few["flips, radii within 3 %"]),
    ):
        console.print(_table(title, rows))
    console.print(f"Fewest particles left: {few['fewest left']:.0f}")


def _flat(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"what": name, "value": value} for name, value in values.items()]


def _named(values: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"": name} | columns for name, columns in values.items()]


def _turned(values: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    measures = next(iter(values.values()))
    return [
        {"": measure} | {name: columns[measure] for name, columns in values.items()}
        for measure in measures
    ]


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(*names, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def load_rows(folder: Path | None) -> Grid:
    """Rows of the published training and validation arrays, from `folder` or found."""
    grid = load_grid(folder)
    split = published_split(grid, folder / SPLITS_FILE if folder else None)
    return grid.take(np.sort(np.concatenate([split.train, split.val])))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--grid", type=Path, help="folder with the public files; else found")
    parser.add_argument("--out", type=Path, default=Path("results/label_noise.json"))
    arguments = parser.parse_args()

    found = measure(make_lattice(load_rows(arguments.grid)))
    report(Console(), found)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
