"""StarSmasher as an engine: a command that the user gives, launched in one folder a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from surrogate import __version__
from surrogate.simulations.engine import Orbit, RunError, Tell
from surrogate.simulations.starsmasher.checks import check_inputs
from surrogate.simulations.starsmasher.inputs import (
    INIT,
    RESTART,
    START1,
    START2,
    read_settings,
    refuse_other_stars,
    restart_from,
    start_over,
    write_collision,
    write_star,
)
from surrogate.simulations.starsmasher.logs import read_progress
from surrogate.simulations.starsmasher.process import (
    STDOUT,
    DiedError,
    Limits,
    exit_status,
    launch,
)
from surrogate.simulations.starsmasher.settings import Settings, settings_from
from surrogate.simulations.starsmasher.snapshots import (
    check_snapshot,
    find_snapshots,
    good_snapshots,
    read_snapshot,
)
from surrogate.simulations.starsmasher.success import check_success, report
from surrogate.simulations.starsmasher.twin import read_twin

STAR_OUTPUTS = 10
"""Snapshots of a relaxation."""


@dataclass(frozen=True)
class StarSmasher:
    """The user's build of StarSmasher; fulfils `Engine`."""

    command: tuple[str, ...]
    """Executable and arguments, such as ("mpirun", "-np", "4", "test_gpu_sph")."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the driver's own."""
    limits: Limits = field(default_factory=Limits)
    star: Mapping[str, Any] = field(default_factory=dict)
    """Settings of sph.input for stars, where not the package's."""
    collision: Mapping[str, Any] = field(default_factory=dict)
    """Settings of sph.input for collisions, where not the package's."""
    relaxation: float = 50.0
    """How long a star is relaxed [its dynamical time (R^3 / M)^(1/2)]."""
    stop_file: Path | None = None
    """Runs end as soon as this file exists."""

    def __post_init__(self) -> None:
        for name in ("star", "collision"):
            try:
                settings_from(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        if not (math.isfinite(self.relaxation) and self.relaxation > 0):
            raise ValueError(f"relaxation = {self.relaxation}, allowed: finite and > 0")

    def about(self) -> dict[str, Any]:
        """What rows depend on: the code's command, all settings, the package's version."""
        star, collision = (asdict(settings_from(s)) for s in (self.star, self.collision))
        return {
            "code": "StarSmasher",
            "command": list(self.command),
            "star": {**star, "relaxation": self.relaxation},
            "collision": collision,
            "surrogate": __version__,
        }

    def start_star(self, folder: Path, profile: Path) -> float:
        """Make the folder of a star; see `Engine`."""
        star = read_twin(profile)
        tf = self.relaxation * star.dynamical_time
        settings = replace(settings_from(self.star), nrelax=1, tf=tf, dtout=tf / STAR_OUTPUTS)
        if _begun(folder):
            _take_over(folder, settings)
        else:
            write_star(folder, profile, settings)
        return tf

    def start_collision(self, folder: Path, stars: tuple[Path, Path], orbit: Orbit) -> None:
        """Make the folder of a collision; see `Engine`."""
        settings = replace(
            # Unless told otherwise, as many neighbours as in the stars: the code wants it so.
            settings_from({"nnopt": read_snapshot(stars[0]).header.nnopt, **self.collision}),
            nrelax=0,
            rp=orbit.rp,
            vinf2=orbit.vinf2,
            sep0=orbit.separation,
            dtout=orbit.dt_out,
            tf=orbit.dt_out,
        )
        if _begun(folder):
            refuse_other_stars(folder, stars)
            _take_over(folder, settings)
        else:
            write_collision(folder, *stars, settings)

    def advance(self, folder: Path, tf: float, tell: Tell) -> None:
        """Bring a run to t >= tf, launching the code as often as that helps; see `Engine`."""
        particles = _particles(folder)
        if _finished(folder, tf, particles):
            return
        for left in reversed(range(self.limits.launches)):
            begins = _prepare(folder, tf)
            check_inputs(folder)
            try:
                status = launch(
                    self.command,
                    folder,
                    self.environment,
                    self.limits,
                    lambda: _watch(folder, tell),
                    lambda: self.stop_file is not None and self.stop_file.exists(),
                )
                check_success(folder, status, tf, particles)
                return
            except DiedError as error:
                reached = max(good_snapshots(folder).values(), default=-math.inf)
                if left == 0 or reached <= begins:
                    raise RunError(report(folder, str(error))) from error


def _begun(folder: Path) -> bool:
    return (folder / INIT).exists()  # the last of the inputs that is written


def _take_over(folder: Path, settings: Settings) -> None:
    """Let a run go on with today's settings: they may have been changed to mend what failed."""
    before = read_settings(folder)
    if before != replace(settings, tf=before.tf):
        start_over(folder, replace(settings, tf=before.tf))


def _finished(folder: Path, tf: float, particles: int | None) -> bool:
    """Whether an earlier driver was killed after the code had done all it should."""
    try:
        check_success(folder, exit_status(folder), tf, particles)
    except RunError:
        return False
    return True


def _particles(folder: Path) -> int | None:
    """How many particles a run is to have: those of its two stars."""
    stars = [folder / START1, folder / START2]
    if not all(star.exists() for star in stars):
        return None
    return sum(read_snapshot(star).header.ntot for star in stars)


def _prepare(folder: Path, tf: float) -> float:
    """Let the next launch go on from the last good snapshot; returns its time, if there is one.

    What comes after it is deleted: the code writes it again, and a snapshot that was cut short must
    not stand among good ones.
    """
    good = {path: t for path, t in good_snapshots(folder).items() if t < tf}
    rest = [path for path in find_snapshots(folder) if path not in good]
    for path in rest:
        path.unlink()
    settings = replace(read_settings(folder), tf=tf)
    if not good:
        start_over(folder, settings)
        return -math.inf
    start, reached = list(good.items())[-1]
    if not rest and reached < (later := _time(folder / RESTART)) < tf:
        start, reached = folder / RESTART, later
    restart_from(folder, start, settings)
    return reached


def _time(path: Path) -> float:
    """Time of a snapshot; before all others where it is not a good one."""
    try:
        return check_snapshot(path).t
    except (ValueError, OSError):
        return -math.inf


def _watch(folder: Path, tell: Tell) -> None:
    progress = read_progress(folder / STDOUT)
    if progress is not None:
        tell(progress.t)
