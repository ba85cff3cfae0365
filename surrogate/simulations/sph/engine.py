"""The built-in code as an engine; fulfils `surrogate.simulations.engine.Engine`.

A run's folder holds `sph.json` (what it is), its two stars as `sph.start1u` and `sph.start2u`, and
its snapshots. Every snapshot is a fresh beginning, read back from the file: so a run that was
interrupted, however it was, has the same numbers as one that was not.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate import __version__
from surrogate.learning.files import copy_file, write_json
from surrogate.simulations.engine import Orbit, RunError, StoppedError, Tell
from surrogate.simulations.sph.approach import approach
from surrogate.simulations.sph.lattice import check_star
from surrogate.simulations.sph.relax import Relaxation, at_rest, new_star, settle
from surrogate.simulations.sph.snapshot import fluid_of, write_run
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.steering import Aim, aim_at
from surrogate.simulations.sph.step import Run, advance, begin
from surrogate.simulations.starsmasher.inputs import START1, START2, refuse_other_stars
from surrogate.simulations.starsmasher.snapshots import (
    find_snapshots,
    good_snapshots,
    read_snapshot,
)
from surrogate.simulations.starsmasher.twin import read_twin

FILE: Final = "sph.json"
STAR_OUTPUTS: Final = 10
"""Snapshots of a relaxation."""
STEPS: Final = 32
"""Steps between two looks at a collision."""
MOST: Final = 1_000_000
"""Steps from one snapshot to the next at most: beyond, particles have met a singularity."""


@dataclass(frozen=True)
class BuiltIn:
    """The built-in SPH code."""

    particles: int = 1000
    """Of a star."""
    equal_mass: float = 0.5
    """Power of the density to which the number density of particles is proportional."""
    method: Method = field(default_factory=Method)
    relaxation: Relaxation = field(default_factory=Relaxation)
    stop_file: Path | None = None
    """Runs end as soon as this file exists."""

    def __post_init__(self) -> None:
        check_star(self.particles, self.equal_mass)
        if not (math.isfinite(self.relaxation.time) and self.relaxation.time > 0):
            raise ValueError(f"relaxation = {self.relaxation.time}, allowed: finite and > 0")

    @property
    def command(self) -> tuple[str, ...]:
        """Nothing: no process is launched."""
        return ()

    def about(self) -> dict[str, Any]:
        """What rows depend on: all settings, the package's version."""
        star = {
            "particles": self.particles,
            "equal_mass": self.equal_mass,
            "relaxation": self.relaxation._asdict(),
            "method": asdict(at_rest(self.method)),
        }
        return {
            "code": "surrogate.simulations.sph",
            "star": star,
            "collision": asdict(self.method),
            "surrogate": __version__,
        }

    def start_star(self, folder: Path, profile: Path) -> float:
        """Make the folder of a star; see `Engine`."""
        if not (folder / FILE).exists():
            parent, method = read_twin(profile), at_rest(self.method)
            star = new_star(parent, self.particles, method, self.equal_mass)
            aim = aim_at(parent, len(star.m), self.relaxation.time)
            _write_first(folder, star, method, float(aim.end) / STAR_OUTPUTS, aim)
        return json.loads((folder / FILE).read_text())["aim"]["end"]

    def start_collision(self, folder: Path, stars: tuple[Path, Path], orbit: Orbit) -> None:
        """Make the folder of a collision; see `Engine`."""
        if (folder / FILE).exists():
            refuse_other_stars(folder, stars)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name, star in zip((START1, START2), stars, strict=True):
            copy_file(star, folder / name)
        one, two = (fluid_of(read_snapshot(star)) for star in stars)
        _write_first(folder, approach(one, two, orbit), self.method, orbit.dt_out)

    def advance(self, folder: Path, tf: float, tell: Tell) -> None:
        """Bring a run to t >= tf from its last good snapshot; see `Engine`."""
        about = json.loads((folder / FILE).read_text())
        dt_out, aim = about["dt_out"], about["aim"] and _aim(about["aim"])
        method = at_rest(self.method) if aim else self.method
        number = _last_good(folder)
        while number * dt_out < tf * (1 - 1e-12):
            run = _read(folder, number, method)
            end = (number + 1) * dt_out
            run = self._go_on(run, end, method, aim, tell)
            number += 1
            _check(folder, run, end)
            write_run(_path(folder, number), run, method, number, dt_out)

    def _go_on(self, run: Run, end: float, method: Method, aim: Aim | None, tell: Tell) -> Run:
        """From one snapshot to the next, with an ear to whoever wants it to stop."""
        first = int(run.steps)
        with jax.enable_x64(True):
            until = jnp.asarray(end)
            while float(run.t) < end and int(run.steps) - first < MOST:
                if aim is None:
                    run = advance(run, until, STEPS, method)
                else:
                    run = settle(run, until, aim, self.relaxation.drag, method)
                tell(float(run.t))
                if self.stop_file is not None and self.stop_file.exists():
                    raise StoppedError
        return run


def _write_first(
    folder: Path, fluid: Fluid, method: Method, dt_out: float, aim: Aim | None = None
) -> None:
    """Write the first snapshot, and then what the run is: without that it has not begun."""
    folder.mkdir(parents=True, exist_ok=True)
    with jax.enable_x64(True):
        run = begin(jax.tree.map(jnp.asarray, fluid), method)
    write_run(_path(folder, 0), run, method, 0, dt_out)
    write_json(folder / FILE, {"dt_out": dt_out, "aim": aim and _plain(aim)})


def _plain(aim: Aim) -> dict[str, Any]:
    return {name: np.asarray(part).tolist() for name, part in aim._asdict().items()}


def _aim(plain: dict[str, Any]) -> Aim:
    return Aim(**{name: np.array(part) for name, part in plain.items()})


def _read(folder: Path, number: int, method: Method) -> Run:
    snapshot = read_snapshot(_path(folder, number))
    with jax.enable_x64(True):
        fluid = jax.tree.map(jnp.asarray, fluid_of(snapshot))
        return begin(fluid, method, snapshot.header.t, snapshot.header.nit)


def _path(folder: Path, number: int) -> Path:
    return folder / f"out{number:04d}.sph"


def _last_good(folder: Path) -> int:
    """Number of the last snapshot before any that is damaged; those from there on are deleted."""
    good = good_snapshots(folder)
    if not good:
        raise RunError(
            f"{folder}: its first snapshot is damaged. Delete the folder to begin again."
        )
    for path in find_snapshots(folder)[len(good) :]:
        path.unlink()
    return len(good) - 1


def _check(folder: Path, run: Run, end: float) -> None:
    """Refuse a state that is no snapshot."""
    fluid = jax.device_get(run.fluid)
    finite = all(np.isfinite(part).all() for part in (fluid.x, fluid.v, fluid.u))
    if not (finite and float(run.t) >= end):
        what = "it takes too many steps" if finite else "numbers are no longer finite"
        raise RunError(
            f"{folder}: {what} at t = {float(run.t):g}, step {int(run.steps)}. Lower the time step "
            "(courant, kick, heat), or use more particles."
        )
