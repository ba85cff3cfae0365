"""The code's states as snapshots in StarSmasher's format, which other programs read, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from surrogate.simulations.sph.energy import potential
from surrogate.simulations.sph.state import Fluid
from surrogate.simulations.starsmasher.records import Header, particle_dtype
from surrogate.simulations.starsmasher.snapshots import Snapshot, write_snapshot

if TYPE_CHECKING:
    from surrogate.simulations.sph.state import Method
    from surrogate.simulations.sph.step import Run

COUNTED: Final = 0.7
"""StarSmasher counts neighbours by a weight: its `nnopt` is 35 for about 50 within 2 h."""


def write_run(path: Path, run: Run, method: Method, number: int, dt_out: float) -> None:
    """Write the state of a run.

    Velocities and energies are written at the time of the positions, with a step of 0 in the
    header: a reader that takes half a step off finds them as they are.

    Args:
        path: the file; replaced at once.
        run: the state; float64.
        method: numbers of the method.
        number: of the snapshot.
        dt_out: time between two [code units].
    """
    with jax.enable_x64(True):
        fluid, found, phi = jax.device_get((run.fluid, run.rates, potential(run.fluid)))
    rows = np.zeros(len(fluid.m), particle_dtype())
    vectors = {"x y z": fluid.x, "vx vy vz": fluid.v, "vxdot vydot vzdot": found.a}
    for names, components in vectors.items():
        for name, values in zip(names.split(), components.T, strict=True):
            rows[name] = values
    columns = {"am": fluid.m, "hp": fluid.h, "rho": found.rho, "u": fluid.u, "udot": found.du}
    columns |= {"grpot": phi, "meanmolecular": fluid.mu, "divv": found.divergence}
    for name, values in columns.items():
        rows[name] = values
    rows["cc"] = (10_000 * np.sum(fluid.m)).astype(int)
    header = Header(
        ntot=len(fluid.m),
        nnopt=round(COUNTED * method.neighbours),
        hco=0.0,
        hfloor=0.0,
        sep0=0.0,
        tf=0.0,
        dtout=dt_out,
        nout=number,
        nit=int(run.steps),
        t=float(run.t),
        nav=3,
        alpha=method.alpha,
        beta=method.beta,
        tjumpahead=1e30,
        ngr=3,
        nrelax=0,
        trelax=1e30,
        dt=0.0,
        omega2=0.0,
    )
    write_snapshot(path, header, rows)


def fluid_of(snapshot: Snapshot) -> Fluid:
    """Particles of a snapshot of either code at `snapshot.time`: float64, whatever JAX's own."""
    p = snapshot.particles()
    mu = np.array(snapshot.records["meanmolecular"], np.float64)
    return Fluid(*jax.tree.map(np.asarray, [p.m, p.x, p.v, p.u, p.h, mu]))
