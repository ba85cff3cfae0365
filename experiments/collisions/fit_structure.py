"""Calibrate `surrogate/collisions/structure_table.npz` and say how good it is.

The radius of a star is the PARSEC radius at the same mass and scaled age, corrected so that the
97 MESA stars of the SPH grid are met. The corrections at the ten grid masses are interpolated
monotonically in scaled age, then in ln M. Smooth spline coefficients are fitted to that surface;
a last small change of least roughness makes them pass through every star.

    python experiments/collisions/fit_structure.py --grid data_v1.csv \
        --tracks parsec_z1.42e-4_ms.csv --out surrogate/collisions/structure_table.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import jax
import numpy as np
from scipy.interpolate import BSpline, PchipInterpolator

from structure_nodes import Stars, Tracks, read_stars, read_tracks
from surrogate.collisions.structure import (
    LN_MASS_RANGE,
    MAX_SCALED_AGE,
    U_RANGE,
    MainSequence,
    core_table,
    read_main_sequence,
    stretched_age,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray

RADIUS_CELLS = (64, 112)
"""Spline cells in ln M and u for the radius: the mass-radius relation bends near 0.35 and 1."""
SHELL_CELLS = (28, 40)
"""Spline cells for the mass profile: ten masses carry no finer detail."""

END_OF_TRACKS = 0.993
"""Scaled age at which the tracks end and R is held: the steep end of the overall contraction then
falls just before the TAMS and not upon it, where rounding of the age would show."""

ZAMS_LOW_MASS = {0.1: 0.13, 0.2: 0.095, 0.4: 0.068, 0.8: 0.022, 1.0: 0.0125, 2.0: 0.0029}
"""ZAMS ages [Gyr] below 4 Msun, where the grid only brackets them (youngest age simulated, oldest
age left out). The grid calls 0.2 and 0.4 Msun stars main-sequence stars at 0.1 Gyr already."""


def _interpolate(x: Array, xp: Array, fp: Array) -> Array:
    """Monotone C1 interpolation along the first axis, held constant beyond the ends."""
    if len(xp) == 1:
        return np.broadcast_to(fp[0], (*np.shape(x), *fp.shape[1:]))
    return PchipInterpolator(xp, fp)(np.clip(x, xp[0], xp[-1]))


def stretch(s: Array) -> Array:
    """u(s) of the package in double precision."""
    with jax.enable_x64(True):
        return np.asarray(stretched_age(np.asarray(s, float)))


class Lifetimes:
    """TAMS and ZAMS ages as functions of ln M [Gyr]."""

    def __init__(self, stars: Stars, tracks: Tracks) -> None:
        """Calibrate on the oldest and youngest age of each grid mass."""
        masses = np.unique(stars.mass)
        oldest = np.array([stars.age[stars.mass == m].max() for m in masses])
        youngest = np.array([stars.age[stars.mass == m].min() for m in masses])
        self.tracks = tracks
        evolved, early = masses > 0.5, masses > 3.0
        ratio = np.log(oldest[evolved]) - self._end(np.log(masses[evolved]))
        # Stars below 0.5 Msun do not leave the main sequence: no correction there.
        self.knots = np.log(np.r_[0.4, masses[evolved]]), np.r_[0.0, ratio]
        ages = ZAMS_LOW_MASS | dict(zip(masses[early], youngest[early], strict=True))
        self.zams = np.log(np.array(sorted(ages.items()))).T

    def _end(self, x: Array) -> Array:
        return np.interp(x, self.tracks.ln_mass, self.tracks.ln_age[:, -1])

    def ln_scale(self, x: Array) -> Array:
        """Natural log of the age at which the (corrected) tracks end."""
        return self._end(x) + _interpolate(x, *self.knots)

    def ln_tams(self, x: Array) -> Array:
        """As `ln_scale`, with the power law of 0.65-0.8 Msun below 0.65 Msun.

        The tracks of such stars end at 30 Gyr, long before their main sequence does.
        """
        x0, x1 = np.log(0.65), np.log(0.8)
        slope = (self.ln_scale(x1) - self.ln_scale(x0)) / (x1 - x0)
        return np.where(x < x0, self.ln_scale(x0) + slope * (x - x0), self.ln_scale(x))

    def ln_zams(self, x: Array) -> Array:
        """Natural log of t_ZAMS, a power law beyond 64 Msun."""
        knots, values = self.zams
        slope = (values[-1] - values[-2]) / (knots[-1] - knots[-2])
        return _interpolate(x, knots, values) + slope * np.maximum(x - knots[-1], 0)


def track_radius(tracks: Tracks, x: Array, s: Array) -> Array:
    """Natural log of R of the tracks at ln M = x and scaled age s, shape (len(x), len(s))."""
    ends = tracks.ln_age[:, -1:]
    knots, at = stretch(END_OF_TRACKS * np.exp(tracks.ln_age - ends)), stretch(s)
    pairs = zip(knots, tracks.ln_radius, strict=True)
    shape = np.array([np.interp(at, u, ln_r) for u, ln_r in pairs])
    return _interpolate(x, tracks.ln_mass, shape)


class Axis:
    """Uniform cubic B-splines on an interval, and a smoothing operator for them."""

    def __init__(self, low: float, high: float, cells: int, stiffness: float) -> None:
        """`stiffness` weighs the third differences of the coefficients against the data."""
        step = (high - low) / cells
        self.knots = low + step * np.arange(-3, cells + 4)
        self.points = np.linspace(low, high, 4 * cells + 1)
        basis = self.design(self.points)
        rough = np.diff(np.eye(cells + 3), 3, axis=0)
        self.smooth = np.linalg.inv(basis.T @ basis + stiffness * rough.T @ rough)
        self.project = self.smooth @ basis.T

    def design(self, q: Array) -> Array:
        """Values of the basis functions at q, shape (len(q), cells + 3)."""
        inside = np.clip(q, self.knots[3], self.knots[-4])
        return BSpline.design_matrix(inside, self.knots, 3).toarray()


def fit_curve(axis: Axis, values: Array, at: Array, exact: Array) -> Array:
    """Coefficients close to `values` at the points of the axis and exact at `at`."""
    c, rows = axis.project @ values, axis.design(at)
    pull = axis.smooth @ rows.T
    return c + pull @ np.linalg.solve(rows @ pull, exact - rows @ c)


def fit_surface(ax: Axis, au: Axis, values: Array, at: tuple[Array, Array], exact: Array) -> Array:
    """As `fit_curve` for a surface; trailing axes are channels."""
    c = np.einsum("ip,jq,pq...->ij...", ax.project, au.project, values, optimize=True)
    bx, bu = ax.design(at[0]), au.design(at[1])
    px, pu = ax.smooth @ bx.T, au.smooth @ bu.T
    error = exact - np.einsum("ni,nj,ij...->n...", bx, bu, c, optimize=True)
    weights = np.linalg.solve((bx @ px) * (bu @ pu), error)
    return c + np.einsum("in,jn,n...->ij...", px, pu, weights, optimize=True)


def late_age(s: Array) -> Array:
    """Coordinate in which the corrections to the tracks are close to straight lines.

    They drift slowly and then set in late, as s^8, when the core runs out of hydrogen: MESA and
    PARSEC differ in core overshooting.
    """
    return EARLY * np.log(s + 1e-3) + DRIFT * s + s**POWER


EARLY, DRIFT, POWER = 0.01, 0.5, 8


def per_mass(stars: Stars, values: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Natural log of the grid masses, and what `values` gives for the stars of each."""
    masses = np.unique(stars.mass)
    return np.log(masses), np.stack([values(stars.mass == m) for m in masses])


def targets(stars: Stars, tracks: Tracks, life: Lifetimes, x: Array, s: Array) -> tuple[Array, ...]:
    """Natural log of R, shape (x, s), and of the log shells, shape (x, s, 12)."""
    shells = np.log(np.diff(np.log(stars.radii[:, 1:]), axis=1))

    def correction(star: Array) -> tuple[Array, Array, Array]:
        ln_m = np.log(stars.mass[star][:1])
        at = stars.age[star] / np.exp(life.ln_scale(ln_m))
        offset = np.log(stars.radii[star, -1]) - track_radius(tracks, ln_m, at)[0]
        return at, ln_m, offset

    def radius_offset(star: Array) -> Array:
        at, _, offset = correction(star)
        return _interpolate(late_age(s), late_age(at), offset)

    def profile(star: Array) -> Array:
        # The shells follow the growth of the star; u keeps the coordinate increasing.
        at, ln_m, offset = correction(star)
        fine = np.linspace(0, MAX_SCALED_AGE, 2000)
        ln_r = track_radius(tracks, ln_m, fine)[0]
        ln_r += _interpolate(late_age(fine), late_age(at), offset)
        growth = np.maximum.accumulate(ln_r) + 0.02 * stretch(fine)
        return _interpolate(np.interp(s, fine, growth), np.interp(at, fine, growth), shells[star])

    # Linear in ln M: the offset jumps about from mass to mass and a cubic would overshoot.
    knots, offsets = per_mass(stars, radius_offset)
    hats = np.stack([np.interp(x, knots, row) for row in np.eye(len(knots))], axis=1)
    ln_r = track_radius(tracks, x, s) + hats @ offsets
    return ln_r, _interpolate(x, *per_mass(stars, profile))


def scaled_ages(u: Array) -> Array:
    """Inverse of `stretch`."""
    s = np.r_[np.geomspace(1e-6, 0.5, 2000), np.linspace(0.5, MAX_SCALED_AGE, 4000)[1:]]
    s = np.r_[0.0, s]
    return np.interp(u, stretch(s), s)


def calibrate(stars: Stars, tracks: Tracks) -> MainSequence:
    """Fit the table of the package to the stars and the tracks."""
    life = Lifetimes(stars, tracks)
    ax = Axis(*LN_MASS_RANGE, RADIUS_CELLS[0], 1e-3)
    masses = np.log(np.unique(stars.mass))
    curves = {
        name: fit_curve(ax, curve(ax.points), masses, curve(masses))
        for name, curve in (
            ("lifetime", lambda x: np.exp(life.ln_scale(x) + 2 * x)),
            ("log_tams", life.ln_tams),
            ("log_zams", life.ln_zams),
        )
    }
    x = np.log(stars.mass)
    u = stretch(stars.age / np.exp(life.ln_scale(x)))
    surfaces = []
    exact = np.log(stars.radii[:, -1]), np.log(np.diff(np.log(stars.radii[:, 1:]), axis=1))
    for k, (cells, name) in enumerate(((RADIUS_CELLS, "log_radius"), (SHELL_CELLS, "log_shells"))):
        ax, au = Axis(*LN_MASS_RANGE, cells[0], 1e-3), Axis(*U_RANGE, cells[1], 1e-3)
        goal = targets(stars, tracks, life, ax.points, scaled_ages(au.points))[k]
        surfaces.append((name, fit_surface(ax, au, goal, (x, u), exact[k])))
    tables = dict(surfaces)
    core = core_table(tables["log_shells"], tables["log_radius"].shape)
    return MainSequence(**curves, **tables, log_core=core)


def node_errors(model: MainSequence, stars: Stars) -> tuple[Array, Array]:
    """Relative errors of R, shape (n,), and of r(f), shape (n, 12), at the stars."""
    got = np.asarray(model.enclosed_radii(stars.mass, stars.age), float)[:, 1:]
    error = np.abs(got / stars.radii[:, 1:] - 1)
    return error[:, -1], error[:, :-1]


def leave_one_mass_out(stars: Stars, tracks: Tracks) -> dict[float, tuple[Array, Array, Array]]:
    """Predict each inner grid mass from the others.

    Returns:
        by mass [Msun]: scaled ages, relative errors of R, and of r(f) (12 fractions) there.
    """
    out = {}
    for mass in np.unique(stars.mass)[1:-1]:
        left = stars.mass == mass
        model = calibrate(stars.only(~left), tracks)
        s = stars.age[left] / stars.age[left].max() if mass > 0.5 else stars.age[left] / 30.0
        out[float(mass)] = (s, *node_errors(model, stars.only(left)))
    return out


def report(stars: Stars, tracks: Tracks, model: MainSequence) -> None:
    """Print how well the table meets the stars, and how well it predicts a mass left out."""
    for bits, wide in ((32, False), (64, True)):
        with jax.enable_x64(wide):
            radius, inner = node_errors(model, stars)
        print(
            f"largest error at the stars, float{bits}: R {radius.max():.1e}, r(f) {inner.max():.1e}"
        )
    print("one mass left out, relative errors at its grid ages below 0.95 t_TAMS | at the TAMS")
    print("mass   R median    max   | R TAMS | r(f) median   max")
    every = []
    for mass, (s, radius, inner) in leave_one_mass_out(stars, tracks).items():
        young = s < 0.95
        every.append(radius[young])
        tams = f"{radius[~young].max():6.4f}" if not young.all() else "     -"
        print(
            f"{mass:4g}     {np.median(radius[young]):.4f} {radius[young].max():.4f}   | {tams} |"
            f"      {np.median(inner[young]):.4f} {inner[young].max():.4f}"
        )
    together = np.concatenate(every)
    print(f" all     {np.median(together):.4f} {together.max():.4f}")


def draw(stars: Stars, model: MainSequence, path: Path) -> None:
    """Picture of R(M, age) with the 97 stars, and of R(M) at a few scaled ages."""
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), constrained_layout=True)
    masses = np.unique(stars.mass)
    for k, mass in enumerate(masses):
        color = plt.colormaps["viridis"](k / (len(masses) - 1))
        star = stars.mass == mass
        end = min(float(model.tams_age(mass)) * MAX_SCALED_AGE, 15.0)
        age = np.unique(np.r_[np.geomspace(1e-5, end, 500), np.linspace(0.8 * end, end, 500)])
        left.loglog(age, model.radius(mass, age), color=color, lw=1)
        left.loglog(stars.age[star], stars.radii[star, -1], "o", color=color, ms=3.5)
        left.annotate(f"{mass:g}", (1.1e-5, float(model.radius(mass, 1e-5))), fontsize=8)
    left.set(xlabel="age [Gyr]", ylabel=r"R [$R_\odot$]", title="lines: model; points: grid stars")
    mass = np.geomspace(0.1, 100, 800)
    for s in (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0):
        age = np.minimum(s * np.asarray(model.tams_age(mass)), 15.0)
        right.loglog(mass, model.radius(mass, age), label=f"{s:g}", lw=1)
    right.set(xlabel=r"M [$M_\odot$]", ylabel=r"R [$R_\odot$]", title="age / t_TAMS, up to 15 Gyr")
    right.legend(fontsize=8)
    fig.savefig(path, dpi=150)


def save(model: MainSequence, path: Path) -> None:
    """Write the table. The shells need no more than float32: their errors do not add up."""
    np.savez_compressed(
        path,
        lifetime=model.lifetime,
        log_tams=model.log_tams,
        log_zams=model.log_zams,
        log_radius=model.log_radius,
        log_shells=np.asarray(model.log_shells, np.float32),
    )


def main() -> None:
    """Fit, write, report, and draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--grid", type=Path, required=True, help="the public SPH grid (csv)")
    parser.add_argument("--tracks", type=Path, required=True, help="main-sequence tracks (csv)")
    parser.add_argument("--out", type=Path, required=True, help="table to write (npz)")
    parser.add_argument("--figure", type=Path, help="picture to write")
    arguments = parser.parse_args()
    stars, tracks = read_stars(arguments.grid), read_tracks(arguments.tracks)
    model = calibrate(stars, tracks)
    save(model, arguments.out)
    model = read_main_sequence(arguments.out)
    print(f"{len(stars.mass)} stars; {arguments.out.stat().st_size / 1024:.0f} KiB")
    report(stars, tracks, model)
    if arguments.figure:
        draw(stars, model, arguments.figure)


if __name__ == "__main__":
    main()
