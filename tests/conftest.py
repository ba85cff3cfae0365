"""What every test may ask for."""

from __future__ import annotations

import gc
import math
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# Most of the time of these tests is compilation. What one worker, one process that a test starts,
# or an earlier run has compiled is read from here; jax looks when it is imported.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# The first example of a test compiles, which no deadline allows for; in CI a property test must
# not fail by the luck of its draw.
settings.register_profile("surrogate", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("surrogate")


# A shell's background ignores Ctrl-C, and so would all processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sph_grid_dir() -> Path:
    """The folder with the public collision grid; skips the test where it is not at hand."""
    given = os.environ.get("SURROGATE_DATA")
    beside = Path(__file__).parents[2] / "shared" / "data"
    for root in [Path(given)] if given else [beside]:
        for folder in (root, root / "sph_grid"):
            if (folder / "data_v1.csv").is_file() and (folder / "data_splits_v1.npz").is_file():
                return folder
    pytest.skip("needs the public grid: set SURROGATE_DATA to a folder that holds data_v1.csv")


@pytest.fixture(scope="session")
def public_data():
    """Finds a folder of public data by its name; skips the test where it is not at hand."""

    def find(name: str) -> Path:
        beside = Path(__file__).parents[2] / "shared" / "data"
        folder = Path(os.environ.get("SURROGATE_DATA") or beside) / name
        if not folder.is_dir():
            pytest.skip(f"needs public data: set SURROGATE_DATA to a folder with {name}/")
        return folder

    return find


MAPPED = Path("/proc/self/maps")
MOST_MAPPED = 20_000
"""A process may map 65,530 regions by default; every compiled program takes some for good."""


@pytest.fixture(scope="module", autouse=True)
def _forget_programs():
    """Long runs compile more programs than a process can hold, and would crash."""
    yield
    if not MAPPED.exists():
        return
    with MAPPED.open("rb") as regions:
        mapped = sum(1 for _ in regions)
    if mapped > MOST_MAPPED:
        import jax

        jax.clear_caches()
        gc.collect()


@pytest.fixture(scope="session")
def send_through_a_boundary():
    """Puts two stars of REBOUND that would meet into a periodic box, on their way apart."""

    def send(sim):
        if hasattr(sim, "configure_box"):  # before REBOUND 5
            sim.configure_box(20.0)
        else:
            sim.root_size = 20.0
        sim.boundary, sim.N_ghost_x = "periodic", 1
        for p in sim.particles:
            p.x, p.vx = p.x + math.copysign(4.0, p.x), -p.vx

    return send
