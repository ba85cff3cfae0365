"""Radii from POSYDON v2 single-star tracks (Andrews et al. 2025), as the published tool has them.

For users who hold the file `single_HMS/1e-02_Zsun.h5`; nothing else in the package needs it.
Gonzalez Prieto et al. 2026, section 6: the radius is interpolated linearly in age on each of the
two tracks nearest in mass, then linearly in mass.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.splines import floating

if TYPE_CHECKING:
    from jax import Array
    from jax.typing import ArrayLike
    from jaxtyping import Float

TAMS_HYDROGEN = 1e-5
"""Central hydrogen mass fraction below which the main sequence has ended."""
MAX_SCALED_AGE = 1.1
"""Age in units of t_TAMS up to which the tracks are kept; the radius is held from there on."""
SAMPLES = 1101
"""Points kept of each track, uniform in age / t_TAMS: a step of 0.001, one point on the TAMS."""
_FIELDS = ("star_age", "log_R", "center_h1")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PosydonTracks:
    """Main-sequence tracks on a common scaled age; fulfils `StellarModel`.

    Masses beyond the tracks are clamped. Results have the broadcast shape of the arguments.
    """

    masses: ArrayLike
    """Increasing track masses [Msun], shape (n,)."""
    tams: ArrayLike
    """Age at which the central hydrogen falls below 1e-5 [Gyr], shape (n,)."""
    zams: ArrayLike
    """Age of the first model, where hydrogen burning has set in [Gyr], shape (n,)."""
    radii: ArrayLike
    """R [Rsun] at age / t_TAMS = 0, 0.001, ... 1.1, shape (n, 1101)."""

    def radius(self, mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
        """Radius, linear in age on both neighbouring tracks, then linear in mass.

        Args:
            mass: [Msun], any shape.
            age: [Gyr], broadcasts against `mass`; clamped to each track's 0-1.1 t_TAMS.

        Returns:
            R [Rsun], the broadcast shape; NaN where an argument is NaN.
        """
        mass, age = floating(mass, age)
        k, w = self._neighbours(mass)
        return (1 - w) * self._on_track(k, age) + w * self._on_track(k + 1, age)

    def tams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Terminal-age main sequence, linear in mass between the tracks.

        Args:
            mass: [Msun], any shape.

        Returns:
            t_TAMS [Gyr], the shape of `mass`.
        """
        return self._in_mass(self.tams, mass)

    def zams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Zero-age main sequence, linear in mass between the tracks.

        Args:
            mass: [Msun], any shape.

        Returns:
            t_ZAMS [Gyr], the shape of `mass`.
        """
        return self._in_mass(self.zams, mass)

    def _neighbours(self, mass: Array) -> tuple[Array, Array]:
        """Index of the track below, and the weight of the one above."""
        masses = jnp.asarray(self.masses, mass.dtype)
        mass = jnp.clip(mass, masses[0], masses[-1])
        k = jnp.clip(jnp.searchsorted(masses, mass, side="right") - 1, 0, len(masses) - 2)
        return k, (mass - masses[k]) / (masses[k + 1] - masses[k])

    def _on_track(self, k: Array, age: Array) -> Array:
        radii = jnp.asarray(self.radii, age.dtype)
        cells = radii.shape[1] - 1
        s = age / jnp.asarray(self.tams, age.dtype)[k]
        position = jnp.clip(s, 0.0, MAX_SCALED_AGE) * (cells / MAX_SCALED_AGE)
        # NaN stays in the weight; the index must merely be a valid one.
        j = jnp.clip(jnp.nan_to_num(jnp.floor(position)), 0, cells - 1).astype(jnp.int32)
        w = position - j
        return (1 - w) * radii[k, j] + w * radii[k, j + 1]

    def _in_mass(self, values: ArrayLike, mass: ArrayLike) -> Array:
        (mass,) = floating(mass)
        values = jnp.asarray(values, mass.dtype)
        k, w = self._neighbours(mass)
        return (1 - w) * values[k] + w * values[k + 1]


def load_posydon(path: str | Path) -> PosydonTracks:
    """Read POSYDON v2 single-star tracks and keep their main sequence.

    The ZAMS is the first model of a track: POSYDON starts them where hydrogen burning sets in. A
    track that ends before central hydrogen falls below 1e-5 has its last age for TAMS, and one that
    ends before 1.1 t_TAMS is held there.

    Args:
        path: HDF5 file with `grid/initial_values['S1_star_mass']` (N masses [Msun]) and, for each,
            `grid/run{i}/history1` with `star_age` [yr], `log_R` and `center_h1`.

    Returns:
        The tracks, sorted by mass.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not HDF5, or a group or field is missing (it is named), or it holds fewer
            than two usable tracks.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no POSYDON tracks at {path}")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path} is not an HDF5 file: {error}") from error
    with file:
        masses = _field(file, "grid/initial_values", ("S1_star_mass",), path)["S1_star_mass"]
        tracks = {}
        for i, mass in enumerate(np.asarray(masses, float)):
            history = _field(file, f"grid/run{i}/history1", _FIELDS, path)
            if len(history) > 1:  # runs that failed at once leave a single model or none
                tracks[float(mass)] = _main_sequence(history)
    if len(tracks) < 2:
        raise ValueError(f"{path}: {len(tracks)} usable tracks, at least 2 are needed")
    order = sorted(tracks)
    tams, zams, radii = (np.array([tracks[m][k] for m in order]) for k in range(3))
    return PosydonTracks(np.array(order), tams, zams, radii)


def _field(file: Any, name: str, fields: tuple[str, ...], path: Path) -> np.ndarray:
    """A structured data set of the file, once its fields are known to be there."""
    if name not in file:
        raise ValueError(f"{path}: no data set '{name}'")
    table = file[name]
    present = getattr(getattr(table, "dtype", None), "names", None) or ()
    missing = [field for field in fields if field not in present]
    if missing:
        raise ValueError(f"{path}: '{name}' has no field {', '.join(missing)}")
    return table[()]


def _main_sequence(history: np.ndarray) -> tuple[float, float, np.ndarray]:
    """TAMS and ZAMS ages [Gyr], and R [Rsun] on the common scaled age."""
    age = np.asarray(history["star_age"], float) / 1e9
    radius = 10 ** np.asarray(history["log_R"], float)
    exhausted = np.flatnonzero(np.asarray(history["center_h1"], float) < TAMS_HYDROGEN)
    tams = age[exhausted[0]] if len(exhausted) else age[-1]
    scaled = np.linspace(0.0, MAX_SCALED_AGE, SAMPLES)
    return float(tams), float(age[0]), np.interp(scaled * tams, age, radius)
