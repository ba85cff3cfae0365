"""A bank of simulated flares: the paper's grid, simulated at once, and its HDF5 file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.learning.files import replace_file
from surrogate.transients.flare import Physics, Site, accretion_times, rate_to_light, speed
from surrogate.transients.spheroid import Spheroid

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int, Key

    Sites = Float[np.ndarray, "sims 4"]

BLACK_HOLES: Final = (5e5, 1e6, 5e6, 1e7, 5e7, 1e8, 5e8, 1e9)
"""Masses of the black hole in the paper's bank [Msun]."""
RADII: Final = tuple(a * 10.0**k for k in range(1, 9) for a in (5.0, 10.0))
"""Distances of the collision [Schwarzschild radii]."""
ANGLES: Final = 12
"""Values of theta, from 0 to pi, and of phi, from 0 to 2 pi, both ends included."""
WINDOW: Final = 2000.0
"""Days that a flare has to be seen in."""
FIRST: Final = 1e-2
"""First time of a light curve [days]."""
TIMES: Final = 512
"""Points of a light curve, equally spaced in log t."""
LIT: Final = 1e-3
"""Share of the ejecta accreted within the window, from which a flare is not dark: the paper's
1,000 particles leave nothing of less."""
SAME: Final = 5e-3
"""Light curves are duplicates where they differ by less, in units of the peak."""
CHUNK: Final = 1024
_BATCH: Final = 64
_REACH: Final = 4
"""The kernel ends at so many standard deviations."""


@dataclass(frozen=True)
class Bank:
    """Simulated flares of a solar mass of ejecta.

    Attributes:
        sites: M [Msun], r_init [Schwarzschild radii], theta, phi [rad] of every simulation.
        weight: prior probability of each; they add up to 1.
        times: [days since the collision, rest frame].
        light: distinct light curves of those that are not dark [1e44 erg/s per Msun].
        curve: row of `light` of each simulation, -1 where it is dark.
        physics: what they rest on.
    """

    sites: Sites
    weight: Float[np.ndarray, " sims"]
    times: Float[np.ndarray, " times"]
    light: Float[np.ndarray, "curves times"]
    curve: Int[np.ndarray, " sims"]
    physics: Physics

    def __len__(self) -> int:
        return len(self.sites)

    @property
    def dark(self) -> Bool[np.ndarray, " sims"]:
        """Simulations that accrete less than `LIT` of their ejecta within the window."""
        return self.curve < 0

    @property
    def duplicate(self) -> Bool[np.ndarray, " sims"]:
        """Simulations whose light curve an earlier one has, too."""
        repeated = np.ones(len(self), bool)
        repeated[self.first] = False
        return repeated & ~self.dark

    @property
    def first(self) -> Int[np.ndarray, " curves"]:
        """The first simulation of each distinct light curve."""
        found, index = np.unique(self.curve, return_index=True)
        return index[found >= 0]

    @property
    def curve_weight(self) -> Float[np.ndarray, " curves"]:
        """Prior probability of each distinct light curve; what is missing from 1 is dark."""
        lit = ~self.dark
        return np.bincount(self.curve[lit], self.weight[lit], minlength=len(self.light))

    def save(self, path: Path) -> None:
        """Write an HDF5 file, and replace an earlier one at once."""
        import h5py

        def write(scratch: Path) -> None:
            with h5py.File(scratch, "w") as file:
                for name in _ARRAYS:
                    file.create_dataset(name, data=getattr(self, name), compression="gzip")
                file["sites"].attrs["columns"] = ["M [Msun]", "r_init [r_S]", "theta", "phi [rad]"]
                file["light"].attrs["unit"] = "1e44 erg/s per Msun of ejecta"
                file["times"].attrs["unit"] = "days since the collision, rest frame"
                for name, value in _flat(self.physics).items():
                    file.attrs[name] = value

        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, write)

    @classmethod
    def load(cls, path: Path) -> Bank:
        """Read a bank.

        Raises:
            ValueError: the file is no bank.
        """
        import h5py

        with h5py.File(path) as file:
            missing = [name for name in _ARRAYS if name not in file]
            if missing:
                raise ValueError(
                    f"{path}: no bank, it has no {', '.join(missing)}; "
                    "make one with: surrogate transients bank"
                )
            arrays = {name: file[name][()] for name in _ARRAYS}
            return cls(**arrays, physics=_unflat(dict(file.attrs)))


_ARRAYS: Final = ("sites", "weight", "times", "light", "curve")


def _flat(physics: Physics) -> dict[str, Any]:
    values = asdict(physics)
    return values | {f"spheroid.{k}": v for k, v in values.pop("spheroid").items()}


def _unflat(values: dict[str, Any]) -> Physics:
    spheroid = {f.name: float(values[f"spheroid.{f.name}"]) for f in fields(Spheroid)}
    plain = {f.name for f in fields(Physics)} - {"spheroid", "particles", "nodes"}
    numbers: dict[str, Any] = {name: float(values[name]) for name in plain}
    whole: dict[str, Any] = {name: int(values[name]) for name in ("particles", "nodes")}
    return Physics(**numbers, **whole, spheroid=Spheroid(**spheroid))


def paper_grid() -> Sites:
    """Sites of the paper's 18,432 simulations: M, r_init, theta, phi, the last runs fastest."""
    theta = np.linspace(0.0, np.pi, ANGLES)
    phi = np.linspace(0.0, 2.0 * np.pi, ANGLES)
    axes = np.meshgrid(BLACK_HOLES, RADII, theta, phi, indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def time_grid(window: float = WINDOW) -> Float[np.ndarray, " times"]:
    """Times of a bank's light curves [days]."""
    return np.geomspace(FIRST, window, TIMES)


def simulate_bank(
    sites: Sites | None = None,
    weight: Float[np.ndarray, " sims"] | None = None,
    physics: Physics | None = None,
    *,
    key: Key[Array, ""] | None = None,
    window: float = WINDOW,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Bank:
    """Simulate a bank of flares.

    Args:
        sites: as in `Bank`; the paper's grid where left out.
        weight: prior probability of each, to a factor; equal where left out.
        physics: the assumptions; the defaults where left out.
        key: random key that draws the stars' relative speeds; their means where left out.
        window: days that a flare has to be seen in.
        report: is told how many simulations of how many are done.

    Returns:
        The bank.

    Source: Hu & Loeb (2025), section 2.
    """
    sites = paper_grid() if sites is None else np.asarray(sites, float)
    weight = np.ones(len(sites)) if weight is None else np.asarray(weight, float)
    physics = physics or Physics()
    light = simulate_light(sites, physics, key=key, window=window, report=report)
    distinct, curve = _deduplicate(sites, light, find_lit(light, physics, window))
    return Bank(sites, weight / weight.sum(), time_grid(window), light[distinct], curve, physics)


def find_lit(
    light: Float[np.ndarray, "sims times"], physics: Physics, window: float = WINDOW
) -> Bool[np.ndarray, " sims"]:
    """Which light curves on `time_grid(window)` are not dark: accrete `LIT` of the ejecta."""
    whole = float(rate_to_light(1.0, 1.0, physics)) * np.log(10.0)
    return np.trapezoid(light, time_grid(window), axis=1) / whole >= LIT


def simulate_light(
    sites: Sites,
    physics: Physics,
    *,
    key: Key[Array, ""] | None = None,
    window: float = WINDOW,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Float[np.ndarray, "sims times"]:
    """Light curves on `time_grid(window)` [1e44 erg/s per Msun], one a site."""
    keys = None if key is None else jax.random.split(key, len(sites))
    light = np.empty((len(sites), TIMES), np.float32)
    for start in range(0, len(sites), CHUNK):
        part = np.resize(sites[start : start + CHUNK], (min(CHUNK, _padded(len(sites))), 4))
        drawn = None if keys is None else keys[np.arange(start, start + len(part)) % len(sites)]
        done = min(start + CHUNK, len(sites))
        light[start:done] = _simulate(jnp.asarray(part, jnp.float32), drawn, physics, window)[
            : done - start
        ]
        report(done, len(sites))
    return light


def _padded(n: int) -> int:
    """Few shapes, few compilations."""
    return max(_BATCH, 1 << (n - 1).bit_length())


@partial(jax.jit, static_argnames="window")
def _simulate(
    sites: Array, keys: Array | None, physics: Physics, window: float
) -> Float[Array, "sims times"]:
    def one(args: tuple[Array, Array | None]) -> Array:
        site, key = Site(*args[0]), args[1]
        return _light(site, speed(site, physics, key), physics, window)

    return jax.lax.map(one, (sites, keys), batch_size=_BATCH)


def _light(site: Site, v: Array, physics: Physics, window: float) -> Float[Array, " times"]:
    """As `flare.luminosity`, by a kernel on a grid instead of one for every particle and time."""
    step = np.log10(window / FIRST) / (TIMES - 1)
    margin = int(np.ceil(_REACH * 0.5 / step))  # for kernels up to 0.5 dex wide
    accretion = accretion_times(site, v, physics)
    x = (accretion.log_t - np.log10(FIRST)) / step + margin
    cells = TIMES + 2 * margin
    inside = accretion.accretes & (x >= 0.0) & (x < cells - 1)
    x = jnp.where(inside, x, 0.0)
    left = x.astype(jnp.int32)
    part = (x - left) * inside
    counts = jnp.zeros(cells).at[left].add(inside - part).at[left + 1].add(part)
    reach = np.arange(-margin, margin + 1) * step
    kernel = jnp.exp(-0.5 * (reach / physics.smoothing) ** 2)
    density = jnp.convolve(counts, kernel / jnp.sum(kernel), mode="valid", precision="highest")
    times = jnp.asarray(time_grid(window), jnp.float32)
    return rate_to_light(times, density / (physics.particles * step), physics)


def _deduplicate(
    sites: Sites, light: Float[np.ndarray, "sims times"], lit: Bool[np.ndarray, " sims"]
) -> tuple[Int[np.ndarray, " curves"], Int[np.ndarray, " sims"]]:
    """Which simulations are kept, and whose light curve each has; -1 for none."""
    curve = np.full(len(sites), -1)
    kept: list[int] = []
    peak = light.max(axis=1)
    for group in _groups(sites[:, :2]):
        rest = group[lit[group]]
        while len(rest):
            first = rest[0]
            same = np.max(np.abs(light[rest] - light[first]), axis=1) < SAME * peak[first]
            same[0] = True
            curve[rest[same]] = len(kept)
            kept.append(int(first))
            rest = rest[~same]
    return np.array(kept, int), curve


def _groups(keys: Float[np.ndarray, "sims k"]) -> list[Int[np.ndarray, " m"]]:
    """Rows of equal keys: only collisions at one place around one black hole may be the same."""
    _, label = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label.ravel()[order])) + 1)
