"""StarSmasher's settings with types and ranges; the defaults are the paper's choices.

Names are those of StarSmasher's own `sph.input`. Every setting is written out, so that a run does
not depend on the defaults of the build, which differ between versions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from surrogate.hints import did_you_mean
from surrogate.simulations import units
from surrogate.simulations.starsmasher.namelist import Value
from surrogate.simulations.starsmasher.ranges import find_problem, setting


@dataclass(frozen=True)
class Settings:
    """What StarSmasher is told, for a star (relaxation) and for a collision.

    A setting that is None is not written. Units are those of the code: G = Msun = Rsun = 1.

    Raises:
        ValueError: a value has the wrong type or is out of range; every one is named.
    """

    tf: float | None = setting(None, above=0)
    """Time at which the run ends. The run's own component finder, tf < 0, is not to be trusted."""
    dtout: float | None = setting(None, above=0)
    """Time between two snapshots, see `dt_out`."""
    nrelax: int | None = setting(None, choices=(0, 1))
    """Whether one star is relaxed: 1 for a star, 0 for a collision; None: as it should be."""

    n: int = setting(10_000, least=156, most=10**7, kind="star")
    """Particles asked for; StarSmasher makes a few more or less."""
    equalmass: float = setting(0.5, least=0, most=1, kind="star")
    """Particle masses go as rho^(1 - equalmass), number density as rho^equalmass."""
    trelax: float = setting(1e30, above=0, kind="star")
    """Time scale of the drag; 1e30: none, artificial viscosity alone brings the star to rest."""
    treloff: float = setting(0.0, least=0, kind="star")
    """Time at which the drag ends."""
    tresplintmuoff: float = setting(0.0, least=0, kind="star")
    """Until when composition is taken from the profile anew."""
    omega_spin: float = setting(0.0, kind="star")
    """Rate of rotation."""
    starmass: float = setting(1.0, above=0, kind="star")
    """Mass of a polytrope."""
    starradius: float = setting(1.0, above=0, kind="star")
    """Radius of a polytrope."""
    stellarevolutioncodetype: int = setting(0, choices=(0, 1), kind="star")
    """Layout of the profile file: 0 TWIN, 1 MESA."""

    sep0: float = setting(200.0, above=0, kind="collision")
    """Initial separation of the stars' centres; more than rp."""
    rp: float | None = setting(None, least=0, kind="collision")
    """Pericentre of the two-body orbit."""
    vinf2: float | None = setting(None, least=0, kind="collision")
    """Square of the relative velocity at infinity, (v / `units.SPEED`)^2."""

    nnopt: int = setting(35, least=13, most=1000)
    """Sum over neighbours of a weight that is 1 within 1.5 h and falls to 0 at 2 h (Gaburov et al.
    2010, equation A1; gflag = 1). 35 gives about 50 particles within 2 h, the paper's choice:
    1.41 nnopt where density is uniform; 49.5 and 50.0 were counted in polytropes of n = 3 and 1.5
    of 10,000 particles, and recorded stars of 294 particles with nnopt = 23 have 34."""
    nkernel: int = setting(2, choices=(0, 1, 2))
    """Kernel: 0 cubic spline, 1 Wendland 3,3, 2 Wendland C4 (the paper's)."""
    gflag: int = setting(1, choices=(0, 1))
    """Weight of neighbours: 0 as published, 1 equal to 1 near the centre, too."""
    hco: float = setting(-1e30)
    """Softening of point masses; negative: chosen by the code."""
    hfloor: float = setting(0.0, least=0)
    """Added to all smoothing lengths."""
    nav: int = setting(3, choices=(0, 1, 2, 3))
    """Artificial viscosity: 3 the hybrid of Balsara and Monaghan (Hwang et al. 2015)."""
    alpha: float = setting(1.0, least=0)
    """Viscosity linear in the velocity difference."""
    beta: float = setting(2.0, least=0)
    """Viscosity quadratic in the velocity difference."""
    neos: int = setting(1, choices=(0, 1, 2))
    """Equation of state: 0 polytropic, 1 ideal gas with radiation (the paper's), 2 a table."""
    gam: float = setting(5 / 3, above=1, most=3)
    """Adiabatic index: of a polytrope, whose n is 1 / (gam - 1), and of sound in the viscosity."""
    nintvar: int = setting(2, choices=(2,))
    """What is integrated: 2 internal energy, which is what this package reads in snapshots."""
    ngr: int = setting(3, choices=(0, 3))
    """Gravity: 0 none, 3 direct summation."""
    nselfgravity: int = setting(1, choices=(0, 1))
    """1: the gas attracts itself."""
    ncooling: int = setting(0, choices=(0, 1))
    """Radiative cooling: 0 none (the paper's)."""
    teq: float = setting(100.0, above=0)
    """Temperature to which gas cools [K]."""
    eosfile: str = setting("sph.eos", most=255)
    """Table of the equation of state, where neos = 2; a path in full, or in the run's folder."""
    opacityfile: str = setting("sph.opacity", most=255)
    """Table of opacities, where ncooling = 1; a path in full, or in the run's folder."""

    cn1: float = setting(0.5, above=0)
    """Time step: times h / signal speed."""
    cn2: float = setting(0.06, above=0)
    """Time step: times sqrt(h / acceleration against that of the neighbours)."""
    cn3: float = setting(0.06, above=0)
    """Time step: times u / |du/dt|."""
    cn4: float = setting(1e30, above=0)
    """Time step: times signal speed / acceleration against that of the neighbours."""
    cn5: float = setting(0.02, above=0)
    """Time step of point masses: times distance / speed."""
    cn6: float = setting(0.02, above=0)
    """Time step of point masses: times sqrt(distance / acceleration)."""
    cn7: float = setting(4.0, least=0)
    """Time step of point masses: h^2 in the distance squared."""

    ngravprocs: int = setting(-2)
    """Ranks that calculate gravity; negative: GPUs a node. Without GPUs all ranks do."""
    qthreads: int = setting(0)
    """GPU threads a particle; 0: chosen by the code, negative: by timing."""
    ppn: int = setting(12, least=1)
    """CPU cores a node."""
    computeexclusivemode: int = setting(0, choices=(0, 1))
    """1 where GPUs serve one process only."""
    nitpot: int = setting(1, least=1)
    """Steps between evaluations of the potential energy; of no effect in newer versions."""
    runit: float = setting(units.LENGTH, choices=(units.LENGTH,))
    """Unit of length [cm]: the one in which this package reads snapshots."""
    munit: float = setting(units.MASS, choices=(units.MASS,))
    """Unit of mass [g]."""
    gravconst: float | None = setting(None, choices=(units.G,))
    """Gravitational constant [cgs]. Versions that know this name have another value by default:
    set it there. The others have this value, and refuse the name."""

    def __post_init__(self) -> None:
        problems = []
        for field in fields(self):
            value = getattr(self, field.name)
            # A whole number is welcome where a number is wanted.
            if "float" in str(field.type) and type(value) is int:
                object.__setattr__(self, field.name, float(value))
            problem = find_problem(field, getattr(self, field.name))
            if problem:
                problems.append(problem)
        if problems:
            raise ValueError("settings: " + "; ".join(problems) + ".")


def settings_from(mapping: Mapping[str, Any]) -> Settings:
    """Take settings from a configuration.

    Args:
        mapping: names of `Settings` and their values; those left out have the paper's.

    Returns:
        The settings.

    Raises:
        ValueError: a name is unknown (the nearest known one is named), or a value has the wrong
            type or is out of range.
    """
    known = [field.name for field in fields(Settings)]
    unknown = [name for name in mapping if name not in known]
    if unknown:
        raise ValueError("settings: " + "; ".join(_unknown(name, known) for name in unknown) + ".")
    return Settings(**mapping)


def values_for(kind: str, settings: Settings) -> dict[str, Value]:
    """The settings that concern a star or a collision, as they go into `sph.input`.

    Args:
        kind: "star" (relaxation of one star) or "collision".
        settings: all of them.

    Returns:
        StarSmasher's names and values; stars that share them, and their profile, are the same.
        Those that are None are left out, but for nrelax.

    Raises:
        ValueError: nrelax is that of the other kind.
    """
    values: dict[str, Value] = {"nrelax": 1 if kind == "star" else 0}
    if settings.nrelax not in (None, values["nrelax"]):
        raise ValueError(f"nrelax = {settings.nrelax}, allowed in a {kind}: {values['nrelax']}.")
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value is not None and field.metadata["kind"] in ("both", kind):
            values[field.name] = value
    return values


def dt_out(m1: float, m2: float) -> float:
    """Time between snapshots, the dynamical time of the heavier star with R = M^(2/3).

    Gonzalez Prieto et al. 2026, section 2.3: dt_out = sqrt(max(M1, M2)).

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].

    Returns:
        Time in code units.

    Raises:
        ValueError: a mass is not a positive number.
    """
    for name, mass in (("m1", m1), ("m2", m2)):
        if not 0 < mass < math.inf:
            raise ValueError(f"{name} = {mass}, allowed: finite and > 0.")
    return math.sqrt(max(m1, m2))


def _unknown(name: str, known: list[str]) -> str:
    hint = did_you_mean(str(name).lower(), known) or f"allowed: {', '.join(known)}"
    return f"unknown setting {name!r}, {hint}"
