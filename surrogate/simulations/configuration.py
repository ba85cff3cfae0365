"""The file that tells a campaign how to run: campaign.toml."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from surrogate.hints import did_you_mean
from surrogate.simulations.runs import Plan
from surrogate.simulations.sph.engine import BuiltIn
from surrogate.simulations.sph.relax import Relaxation
from surrogate.simulations.sph.state import Method
from surrogate.simulations.starsmasher.engine import StarSmasher
from surrogate.simulations.starsmasher.process import Limits
from surrogate.simulations.stopping import StopRule

if TYPE_CHECKING:
    from surrogate.simulations.sources import Source

FILE, STOP = "campaign.toml", "stop"
_T = TypeVar("_T")

TEMPLATE = """\
# How the runs of this campaign are made. Lines that begin with # show what holds without them.

# The code. Without a command it is the built-in one; with it, StarSmasher, with its path in full or
# from this folder. The stock build for CPUs needs two ranks.
# command = ["mpirun", "-np", "2", "test_gpu_sph"]

[sph]                 # of the built-in code
# particles = 1000    # of a star
# equal_mass = 0.5    # power of the density to which the number of particles is proportional
# neighbours = 50.0   # within 2 h
# courant = 0.2       # time step [h / signal speed]
# double = false      # whether pairs, too, are computed in double precision

# The following four are StarSmasher's:
[environment]
# OMPI_ALLOW_RUN_AS_ROOT = "1"
# OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = "1"

[limits]              # [s]
# wall = 604800.0     # for one launch of the code
# stall = 3600.0      # without a line of output
# launches = 3        # of a run whose process died, as long as it gets further

[star]                # settings of sph.input for relaxing stars, by their names in the code
# n = 10000
# equalmass = 0.5
# gravconst = 6.6739e-8   # builds of 2024 and later need it here and below; older ones refuse it

[collision]           # settings of sph.input for collisions
# gravconst = 6.6739e-8

# For either code:
[executor]
# kind = "local"      # or "parsl", with the file that defines `config`:
# config = "parsl_config.py"
# jobs = 1            # runs at a time, where the executor is local

[plan]
# separation = 5.0    # of the stars at the beginning [R1 + R2]
# outputs = 30.0      # after the pericentre, before a run may end
# relaxation = 10.0   # of a star, in its dynamical times; 50 in StarSmasher
# relaxed = 1e-3      # kinetic energy of a relaxed star, at most [|W|]
# metallicity = 0.01  # of your own stars, below, where it is not that of the structure model [Zsun]

[stop]
# longest = 2000.0    # outputs; a run that is not settled then has failed

# Stars of your own, which replace those of the structure model at their mass:
# [[stars]]
# mass = 1.0          # [Msun]
# age = 4.5           # [Gyr]; at every age where it is missing
# mesa = "profile8.data"
# [[stars]]
# mass = 0.7
# polytrope = 1.5     # index
# radius = 0.7        # [Rsun]
"""


@dataclass(frozen=True)
class Choice:
    """Where the runs are made."""

    kind: str = "local"
    """"local" or "parsl"."""
    jobs: int = 1
    """Runs at a time of a local pool."""
    config: str = ""
    """File that defines Parsl's `config`."""

    def __post_init__(self) -> None:
        if self.kind not in ("local", "parsl"):
            raise ValueError(f'executor.kind = {self.kind!r}, allowed: "local", "parsl"')
        if self.jobs < 1:
            raise ValueError(f"executor.jobs = {self.jobs}, allowed: >= 1")
        if self.kind == "parsl" and not self.config:
            raise ValueError(
                'executor.config is missing: with kind = "parsl" it names the Python file that '
                "defines `config`, a parsl.Config"
            )


@dataclass(frozen=True)
class Configuration:
    """All of campaign.toml."""

    engine: StarSmasher | BuiltIn
    plan: Plan = field(default_factory=Plan)
    executor: Choice = field(default_factory=Choice)
    stars: tuple[Source, ...] = ()


def read_configuration(path: Path) -> Configuration:
    """Read and check a campaign's configuration.

    Args:
        path: campaign.toml; paths in it are seen from its folder.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no TOML, or an entry is unknown, misspelt or out of range.
    """
    from surrogate.simulations.sources import read_sources

    try:
        table = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from error
    try:
        _check_names("", table, [*_TABLES, "command"])
        plan = dict(_section(table, "plan"))
        make = _starsmasher if "command" in table else _built_in
        engine = make(table, plan.pop("relaxation", None), path.parent.absolute())
        return Configuration(
            engine=engine,
            plan=_make(Plan, "plan", {"plan": plan}, stop=_make(StopRule, "stop", table)),
            executor=_make(Choice, "executor", table),
            stars=read_sources(table.get("stars", []), path.parent),
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


_STARSMASHER = ("environment", "limits", "star", "collision")
_TABLES = (*_STARSMASHER, "sph", "executor", "plan", "stop", "stars")


@dataclass(frozen=True)
class Sph:
    """The section [sph]."""

    particles: int = BuiltIn.particles
    equal_mass: float = BuiltIn.equal_mass
    neighbours: float = Method.neighbours
    courant: float = Method.courant
    double: bool = False


def _starsmasher(table: Mapping[str, Any], relaxation: Any, folder: Path) -> StarSmasher:
    if _section(table, "sph"):
        raise ValueError("sph belongs to the built-in code, but there is a command: leave one out")
    return StarSmasher(
        command=_command(table["command"], folder),
        environment={k: str(v) for k, v in _section(table, "environment").items()},
        limits=_make(Limits, "limits", table),
        star=_section(table, "star"),
        collision=_section(table, "collision"),
        relaxation=float(StarSmasher.relaxation if relaxation is None else relaxation),
        stop_file=folder / STOP,
    )


def _built_in(table: Mapping[str, Any], relaxation: Any, folder: Path) -> BuiltIn:
    for name in _STARSMASHER:
        if _section(table, name):
            raise ValueError(f"{name} belongs to StarSmasher: give its command, or leave it out")
    sph = _make(Sph, "sph", table)
    return BuiltIn(
        particles=sph.particles,
        equal_mass=sph.equal_mass,
        method=Method(neighbours=sph.neighbours, courant=sph.courant, single=not sph.double),
        relaxation=Relaxation() if relaxation is None else Relaxation(time=float(relaxation)),
        stop_file=folder / STOP,
    )


def _command(value: Any, folder: Path) -> tuple[str, ...]:
    """Check the command; a file in it is seen from the campaign, but launched from elsewhere."""
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ValueError(
            f'command = {value!r}, allowed: a list of texts such as ["mpirun", "-np", "4", '
            '"test_gpu_sph"]'
        )
    # Links stay: what a program is may depend on the name by which it is called.
    return tuple(
        os.path.abspath(folder / word) if "/" in word and (folder / word).is_file() else word
        for word in value
    )


def _section(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values = table.get(name, {})
    if not isinstance(values, Mapping):
        raise ValueError(f"{name} = {values!r}, allowed: a table [{name}]")
    return values


def _make(kind: type[_T], name: str, table: Mapping[str, Any], **given: Any) -> _T:
    """Make a dataclass of numbers and texts from the section that bears its name."""
    values = _section(table, name)
    known = {f.name: f.type for f in fields(kind) if f.name not in given}  # type: ignore[arg-type]
    _check_names(f"{name}.", values, list(known))
    hints = get_type_hints(kind)
    for key, value in values.items():
        wanted = (int, float) if hints[key] is float else hints[key]
        if not isinstance(value, wanted) or isinstance(value, bool) != (hints[key] is bool):
            raise ValueError(f"{name}.{key} = {value!r}, allowed: {hints[key].__name__}")
    return kind(**values, **given)


def _check_names(section: str, found: Mapping[str, Any], known: list[str]) -> None:
    for name in found:
        if name not in known:
            hint = f"{did_you_mean(name, known)} allowed are {', '.join(known)}".strip()
            raise ValueError(f"{section}{name} is unknown: {hint}")
