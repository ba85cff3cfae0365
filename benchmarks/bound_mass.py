"""Time and memory that the analysis of a run takes: 300 snapshots of 20,000 particles.

    python benchmarks/bound_mass.py [--folder SCRATCH]

Snapshots of two stars that pass each other and lose their outer layers are written to a scratch
folder (0.9 GB, removed afterwards), then read and followed by a process of its own. Should take
under 30 s on two cores, compilation included, and under 2 GB at the peak.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from surrogate.simulations.history import follow
from surrogate.simulations.starsmasher.records import Header, particle_dtype
from surrogate.simulations.starsmasher.snapshots import (
    find_snapshots,
    read_snapshot,
    write_snapshot,
)

SNAPSHOTS = 300
PARTICLES = 10_000  # of each star
SECONDS, GIGABYTES = 30.0, 2.0


def star(mass, radius, seed):
    """Positions about the centre, velocities of a wind in the outer layers, and masses."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(PARTICLES, 3))
    x /= np.linalg.norm(x, axis=1)[:, None]
    depth = rng.uniform(0.02, 1.0, PARTICLES)
    x *= radius * np.cbrt(depth)[:, None]
    fast = np.where(depth > 0.8, depth, 0.1 * depth)
    return x, 2.0 * fast[:, None] * x, np.full(PARTICLES, mass / PARTICLES)


def write(folder):
    """Write the snapshots of a run in which the stars are closest at t = 20."""
    stars = star(1.0, 1.0, 0), star(0.7, 0.7, 1)
    records = np.zeros(2 * PARTICLES, particle_dtype())
    records["am"] = np.concatenate([m for _, _, m in stars])
    records["hp"], records["u"], records["rho"] = 0.05, 0.5, 1.0
    for number in range(SNAPSHOTS):
        t = number + 0.05
        since = max(t - 20.0, 0.0)
        place = np.array([1.5 * (t - 20.0), 2.0, 0.0])
        shares = -0.7 / 1.7, 1.0 / 1.7
        x = np.concatenate(
            [c + since * w + s * place for (c, w, _), s in zip(stars, shares, strict=True)]
        )
        v = np.concatenate(
            [(since > 0) * w + [1.5 * s, 0, 0] for (_, w, _), s in zip(stars, shares, strict=True)]
        )
        for axis, name in enumerate("xyz"):
            records[name], records[f"v{name}"] = x[:, axis], v[:, axis]
        header = Header(
            ntot=len(records), nnopt=50, hco=1.0, hfloor=0.0, sep0=30.0, tf=300.0, dtout=1.0,
            nout=number, nit=number, t=t, nav=3, alpha=1.0, beta=2.0, tjumpahead=1e30, ngr=3,
            nrelax=0, trelax=1e30, dt=0.01, omega2=0.0,
        )  # fmt: skip
        write_snapshot(folder / f"out{number:04d}.sph", header, records)


def analyse(folder):
    """Follow the run; print seconds, peak memory and what was found."""
    start = time.perf_counter()
    snapshots = map(read_snapshot, find_snapshots(folder))
    history = follow(((s.time, s.particles()) for s in snapshots), PARTICLES)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(history)} snapshots of {len(history.labels)} particles: {seconds:.1f} s "
        f"(should be < {SECONDS:g}), peak {peak:.2f} GiB (should be < {GIGABYTES:g})"
    )
    print(f"last bound masses {history.mass[-1]}, unbound {history.unbound[-1]:.4f}")
    return seconds < SECONDS and peak < GIGABYTES


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="where the scratch folder is made")
    parser.add_argument("--analyse", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.analyse:
        return 0 if analyse(given.analyse) else 1
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        write(Path(scratch))
        # A process of its own: what writing needed does not count.
        return subprocess.call([sys.executable, __file__, "--analyse", scratch])


if __name__ == "__main__":
    sys.exit(main())
