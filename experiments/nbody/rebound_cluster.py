"""A dense cluster in REBOUND: its collisions by the surrogate, and by sticky spheres.

Needs: rebound.

A thousand stars of a Salpeter mass function in a Plummer sphere so dense that they collide within
days. REBOUND integrates them and finds who touches; the same stars are run with either rule to the
same time. Every star has an age, which a collision changes. What the stars and what they have lost
amount to must stay what it was: mass, momentum, and energy, of which REBOUND keeps what a collision
changes as its offset.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np
import rebound
from matplotlib.axes import Axes
from rich.progress import track

from surrogate import load
from surrogate.collisions.encounter import Fate
from surrogate.collisions.rules import Baseline, Rule, Surrogate
from surrogate.constants import G
from surrogate.nbody.plummer import plummer
from surrogate.nbody.rebound import Collider
from surrogate.nbody.system import DAY
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import FATES, PAGE, save

Array = np.ndarray

AGE = 0.002
"""Of all stars at first [Gyr]."""
NAMED = hasattr(rebound.Particle, "name")
"""Whether particles have names, as from REBOUND 5, or hashes."""
LOOKS = 100
"""Looks at a run."""
# Lines of the fates are darker than their areas in other pictures.
LINES = {
    Fate.NONE: ("-", FATES[Fate.NONE].colour),
    Fate.MERGER: ("--", "#4393B8"),
    Fate.TWO: ("-.", "#8C7A2E"),
    Fate.STRIPPED: (":", FATES[Fate.STRIPPED].colour),
}
RULES = {"surrogate": ("-", "#004488"), "sticky": ("--", "#BB5566")}


class Sphere(NamedTuple):
    """Stars to run."""

    stars: int
    size: float
    """Plummer radius [Rsun]."""
    days: float
    """Time after which a run ends."""


class Sums(NamedTuple):
    """What stays, with what is lost, as it was."""

    mass: float
    momentum: Array
    energy: float


class Ran(NamedTuple):
    """A run with a rule."""

    rule: str
    collider: Collider
    first: Sums
    last: Sums
    kinetic: float
    """At first [Msun km^2/s^2]."""
    pace: float
    """Sum of the sizes of all momenta at first [Msun km/s]."""
    time: Array
    """Of the looks [days]."""
    lost: Array
    """Unbound mass at each [Msun]."""
    before: Array
    """Masses at first [Msun]."""
    after: Array
    """Masses at last [Msun]."""


def body(run: Run) -> None:
    sphere = Sphere(150, 22.0, 0.35) if run.quick else Sphere(1000, 60.0, 2.0)
    rules: dict[str, Rule] = {"surrogate": Surrogate(load("fast")), "sticky": Baseline()}
    runs = [simulate(sphere, name, rule) for name, rule in rules.items()]
    report = Report(run, "A dense cluster in REBOUND", ("measure", *rules))
    found = [judge(ran) for ran in runs]
    for measure in found[0]:
        report.add(measure, *(values[measure] for values in found))
    report.note(f"{sphere.stars} stars, Plummer radius {sphere.size:g} Rsun, {sphere.days:g} days.")
    report.note("Δ: of stars and what they lost together; of ΔE with REBOUND's offset.")
    report.note("K: kinetic energy at first.")
    draw(runs, run)
    report.write()


def make(sphere: Sphere, seed: int = 0) -> rebound.Simulation:
    """Its stars."""
    masses, places = jax.random.split(jax.random.key(seed))
    # Salpeter: M^-2.35 from 0.3 to 10 Msun, by its inverse
    low, high = 0.3**-1.35, 10.0**-1.35
    m = (low + (high - low) * jax.random.uniform(masses, (sphere.stars,))) ** (-1 / 1.35)
    stars = plummer(places, m, sphere.size, age=AGE)
    sim = rebound.Simulation()
    sim.G = G
    sim.integrator, sim.collision, sim.track_energy_offset = "leapfrog", "direct", 1
    columns = map(np.asarray, (stars.x, stars.v, stars.m, stars.r))
    for k, (x, v, mass, r) in enumerate(zip(*columns, strict=True)):
        label = {"name": str(k)} if NAMED else {"hash": k}
        place = dict(zip(("x", "y", "z", "vx", "vy", "vz"), map(float, (*x, *v)), strict=True))
        sim.add(m=float(mass), r=float(r), **place, **label)
    # The fastest crosses a fifth of a solar radius in a step.
    sim.dt = 0.2 / float(np.linalg.norm(stars.v, axis=1).max())
    return sim


def simulate(sphere: Sphere, name: str, rule: Rule) -> Ran:
    """Run the sphere with a rule."""
    sim = make(sphere)
    ages: dict[str | int, float] = {}
    collider = Collider(
        rule,
        age=lambda p: ages.get(identity(p), AGE),
        set_age=lambda p, age: ages.update({identity(p): age}),
    )
    collider.attach(sim)
    first, (m, v) = sums(sim, collider), table(sim)
    times, lost = np.linspace(0.0, sphere.days, LOOKS + 1), [0.0]
    for time in track(times[1:], name, transient=True):
        sim.integrate(time * DAY, exact_finish_time=0)
        collider.check()
        lost.append(collider.lost_mass)
    speed = np.linalg.norm(v, axis=1)
    return Ran(
        *(name, collider, first, sums(sim, collider)),
        kinetic=float(0.5 * m @ speed**2),
        pace=float(m @ speed),
        time=times,
        lost=np.array(lost),
        before=m,
        after=table(sim)[0],
    )


def identity(particle: rebound.Particle) -> str | int:
    """What a particle keeps, wherever it stands."""
    return particle.name if NAMED else particle.hash.value


def table(sim: rebound.Simulation) -> tuple[Array, Array]:
    """Masses and velocities of the stars."""
    rows = np.array([[p.m, p.vx, p.vy, p.vz] for p in sim.particles])
    return rows[:, 0], rows[:, 1:]


def sums(sim: rebound.Simulation, collider: Collider) -> Sums:
    m, v = table(sim)
    mass = m.sum() + collider.lost_mass
    return Sums(float(mass), m @ v + collider.lost_momentum, sim.energy())


def judge(ran: Ran) -> dict[str, float | int]:
    """What happened, and what must stay zero."""
    fates = [c.fate for c in ran.collider.collisions]
    first, last = ran.first, ran.last
    return {
        "collisions": len(fates),
        **{FATES[fate].label: fates.count(fate) for fate in Fate},
        "stars left": len(ran.after),
        "unbound mass [Msun]": ran.collider.lost_mass,
        "heaviest star [Msun]": float(ran.after.max()),
        "|Δp| / Σ|p|": float(np.abs(last.momentum - first.momentum).max()) / ran.pace,
        "|ΔM| / M": abs(last.mass - first.mass) / first.mass,
        "|ΔE| / K": abs(last.energy - first.energy) / ran.kinetic,
    }


def draw(runs: list[Ran], run: Run) -> None:
    """Fates in time by the surrogate; lost mass, and masses at last, by either rule."""
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.3))
    draw_fates(axes[0], runs[0])
    for ran in runs:
        line, colour = RULES[ran.rule]
        axes[1].plot(ran.time, ran.lost, line, color=colour, label=ran.rule)
        draw_masses(axes[2], ran.after, line, colour, ran.rule)
    draw_masses(axes[2], runs[0].before, ":", "black", "at first")
    axes[1].set(xlabel="time [days]", ylabel=r"unbound mass [M$_\odot$]")
    axes[2].set(xlabel=r"mass [M$_\odot$]", ylabel="stars at least that heavy")
    axes[2].set(xscale="log", yscale="log")
    for ax in axes:
        ax.legend(fontsize=6, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    save(figure, run)


def draw_fates(axes: Axes, ran: Ran) -> None:
    """How many collisions have ended in each way."""
    for fate, (line, colour) in LINES.items():
        when = [c.time / DAY for c in ran.collider.collisions if c.fate == fate]
        if when:
            steps = [*when, ran.time[-1]], [*range(1, len(when) + 1), len(when)]
            axes.step(*steps, line, where="post", color=colour, label=FATES[fate].label)
    axes.set(xlabel="time [days]", ylabel=f"collisions ({ran.rule})", yscale="log")


def draw_masses(axes: Axes, masses: Array, line: str, colour: str, label: str) -> None:
    """How many stars have at least a mass."""
    heaviest, number = np.sort(masses)[::-1], np.arange(len(masses)) + 1
    axes.step(heaviest, number, line, where="post", color=colour, label=label)


if __name__ == "__main__":
    start(body, __file__)
