"""Structure of main-sequence stars at Z = 0.01 Zsun: radius, mass profile, TAMS and ZAMS ages.

The shipped table is calibrated on the 97 stars of the public SPH grid (MESA models, Gonzalez
Prieto et al. 2026, section 2) and passes through every one of them; in between it follows the
shape of PARSEC v1.2S tracks (Bressan et al. 2012; Chen et al. 2014, 2015). It holds coefficients of
uniform cubic B-splines in ln M and in a stretched scaled age: C2, hence smooth gradients.
`experiments/collisions/fit_structure.py` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.splines import basis, curve, floating, places, surface

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jax import Array
    from jax.typing import ArrayLike
    from jaxtyping import Float

MASS_FRACTIONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 1.0)
"""Enclosed-mass fractions f that the SPH grid samples."""
MASS_RANGE = (0.1, 100.0)
"""Masses answered [Msun]; beyond them the mass is clamped."""
GRID_MASS_RANGE = (0.2, 64.0)
"""Masses simulated in the SPH grid [Msun]."""
MAX_SCALED_AGE = 1.1
"""Age in units of the main-sequence lifetime from which the structure is held."""

LN_MASS_RANGE = (float(np.log(MASS_RANGE[0])), float(np.log(MASS_RANGE[1])))
# The stretch of the scaled age s: logarithmic while the star settles on the main sequence, and
# with its knots crowded in 0.95 < s < 1.03, where the core runs out of hydrogen.
_S_EARLY, _S_LATE, _WIDTH, _CROWDING = 1e-3, 0.99, 0.02, 2.0


class StellarModel(Protocol):
    """What the predictor asks of a stellar model. Arguments broadcast."""

    def radius(self, mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
        """Radius [Rsun] of a star of `mass` [Msun] at `age` [Gyr]."""
        ...

    def tams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Terminal-age main sequence [Gyr] of a star of `mass` [Msun]."""
        ...

    def zams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Zero-age main sequence [Gyr] of a star of `mass` [Msun]."""
        ...


def stretched_age(s: Float[Array, ...]) -> Float[Array, ...]:
    """Coordinate u(s) of the spline knots.

    Args:
        s: age in units of the main-sequence lifetime, s >= 0 [1].

    Returns:
        u = ln(s + 0.001) + 2 sigmoid((s - 0.99) / 0.02), of the same shape [1].
    """
    return jnp.log(s + _S_EARLY) + _CROWDING * jax.nn.sigmoid((s - _S_LATE) / _WIDTH)


def _stretched(s: float) -> float:
    return float(np.log(s + _S_EARLY) + _CROWDING / (1 + np.exp((_S_LATE - s) / _WIDTH)))


U_RANGE = (_stretched(0.0), _stretched(MAX_SCALED_AGE))


def _ln_mass(mass: ArrayLike) -> Array:
    (mass,) = floating(mass)
    return jnp.log(jnp.clip(mass, *MASS_RANGE))


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MainSequence:
    """Spline coefficients of the main sequence at one metallicity; fulfils `StellarModel`.

    The knots are uniform in ln M over `MASS_RANGE` and in u (`stretched_age`) over `U_RANGE`.
    Results have the broadcast shape of the arguments, and their floating type.
    """

    lifetime: ArrayLike
    """t M^2 [Gyr Msun^2] of the age scale t that makes s = age / t, shape (nx + 3,)."""
    log_tams: ArrayLike
    """ln t_TAMS [Gyr], shape (nx + 3,)."""
    log_zams: ArrayLike
    """ln t_ZAMS [Gyr], shape (nx + 3,)."""
    log_radius: ArrayLike
    """ln R [Rsun], shape (nx + 3, nu + 3)."""
    log_shells: ArrayLike
    """ln ln(r_k+1 / r_k) [1] between the 13 `MASS_FRACTIONS` from 0.1, shape (kx, ku, 12)."""
    log_core: ArrayLike
    """ln ln(R / r_0.5) and ln ln(r_0.5 / r_0.1) [1], sums of those, shape (nx + 3, nu + 3, 2)."""

    def radius(self, mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
        """Radius [Rsun] of a star of `mass` [Msun] at `age` [Gyr]; see `radius` below."""
        x, u = self._coordinates(mass, age)
        return jnp.exp(surface(self.log_radius, x, u, LN_MASS_RANGE, U_RANGE))

    def enclosed_radii(self, mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
        """Radii r(f) [Rsun]; see `enclosed_radii` below."""
        x, u = self._coordinates(mass, age)
        ln_r = surface(self.log_radius, x, u, LN_MASS_RANGE, U_RANGE)[..., None]
        # Positive steps of ln r, taken from the surface inwards: r(f) increases by construction.
        steps = jnp.exp(surface(self.log_shells, x, u, LN_MASS_RANGE, U_RANGE))
        depth = jax.lax.cumsum(steps, axis=steps.ndim - 1, reverse=True)
        inner = jnp.exp(ln_r - depth)
        outer = jnp.exp(ln_r)
        return jnp.concatenate([0 * outer, inner, outer], axis=-1)

    def core_radii(self, mass: ArrayLike, age: ArrayLike) -> Float[Array, "... 2"]:
        """Radii [Rsun] that enclose 10 and 50 per cent of the mass: without the other shells."""
        x, u = self._coordinates(mass, age)
        ln_r = surface(self.log_radius, x, u, LN_MASS_RANGE, U_RANGE)
        steps = jnp.exp(surface(self.log_core, x, u, LN_MASS_RANGE, U_RANGE))
        half = ln_r - steps[..., 0]
        return jnp.exp(jnp.stack([half - steps[..., 1], half], axis=-1))

    def tams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Terminal-age main sequence [Gyr] of a star of `mass` [Msun]; see `tams_age` below."""
        return jnp.exp(curve(self.log_tams, _ln_mass(mass), LN_MASS_RANGE))

    def zams_age(self, mass: ArrayLike) -> Float[Array, ...]:
        """Zero-age main sequence [Gyr] of a star of `mass` [Msun]; see `zams_age` below."""
        return jnp.exp(curve(self.log_zams, _ln_mass(mass), LN_MASS_RANGE))

    def _coordinates(self, mass: ArrayLike, age: ArrayLike) -> tuple[Array, Array]:
        mass, age = floating(mass, age)
        mass = jnp.clip(mass, *MASS_RANGE)
        x = jnp.log(mass)
        # t M^2 varies by no more than a factor of 100, so float32 keeps its digits near the TAMS.
        s = age * (mass * mass / curve(self.lifetime, x, LN_MASS_RANGE))
        return x, stretched_age(jnp.clip(s, 0.0, MAX_SCALED_AGE))


@cache
def main_sequence() -> MainSequence:
    """The shipped table, read on first use.

    Returns:
        The main sequence at Z = 0.01 Zsun, with NumPy arrays: constants under `jax.jit`.

    Raises:
        ValueError: the file is missing, unreadable or not such a table.
    """
    return read_main_sequence(resources.files(__package__).joinpath("structure_table.npz"))


def read_main_sequence(path: Traversable) -> MainSequence:
    """Read and check a table written by `experiments/collisions/fit_structure.py`.

    Args:
        path: an .npz file with the fields of `MainSequence`.

    Returns:
        The table, as NumPy arrays.

    Raises:
        ValueError: the file is missing, unreadable, or a field is missing, misshapen or not finite.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            arrays = {name: data[name] for name in _DIMENSIONS}
    except KeyError as error:
        raise ValueError(f"structure table {path}: no array {error}") from error
    except (OSError, EOFError, ValueError, AttributeError, TypeError, BadZipFile) as error:
        raise ValueError(f"structure table {path} cannot be read: {error}") from error
    for name, ndim in _DIMENSIONS.items():
        array = arrays[name]
        if array.ndim != ndim or min(array.shape[:2]) < 4 or not np.all(np.isfinite(array)):
            raise ValueError(f"structure table {path}: {name} must be finite, with {ndim} axes")
    if arrays["log_shells"].shape[2] != len(MASS_FRACTIONS) - 2:
        raise ValueError(f"structure table {path}: log_shells needs 12 channels")
    core = core_table(arrays["log_shells"], arrays["log_radius"].shape)
    return MainSequence(**arrays, log_core=core)


def core_table(
    log_shells: Float[np.ndarray, "kx ku 12"], shape: tuple[int, int]
) -> Float[np.ndarray, "nx nu 2"]:
    """The coefficients `MainSequence.log_core` of a table of shells.

    Args:
        log_shells: as in `MainSequence`.
        shape: (nx, nu); that of the radii, so that both tables share knots and interpolation.
    """
    at = [places(n) for n in shape]
    a, b = (basis(n, q) for n, q in zip(log_shells.shape, at, strict=False))
    steps = np.exp(np.einsum("ik,jl,klc->ijc", a, b, log_shells.astype(np.float64), optimize=True))
    half = MASS_FRACTIONS.index(0.5) - 1
    sums = np.log([steps[..., half:].sum(axis=-1), steps[..., :half].sum(axis=-1)])
    inverse_a, inverse_b = (np.linalg.inv(basis(n, q)) for n, q in zip(shape, at, strict=True))
    coefficients = np.einsum("ik,jl,ckl->ijc", inverse_a, inverse_b, sums, optimize=True)
    return coefficients.astype(log_shells.dtype)


_DIMENSIONS = {"lifetime": 1, "log_tams": 1, "log_zams": 1, "log_radius": 2, "log_shells": 3}


@jax.jit
def radius(mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
    """Radius of a main-sequence star at Z = 0.01 Zsun.

    The stars of the SPH grid are met to 1e-6. Between its masses expect errors of 1 per cent (4 at
    worst) before 0.95 t_TAMS and up to 20 per cent in the last 5 per cent of the main sequence,
    where the star shrinks by 10 per cent once its core has run out of hydrogen.

    Args:
        mass: [Msun], any shape; clamped to `MASS_RANGE`.
        age: [Gyr], broadcasts against `mass`. Before the youngest star known and after the TAMS
            the radius is held.

    Returns:
        R [Rsun], the broadcast shape; NaN where an argument is NaN.
    """
    return main_sequence().radius(mass, age)


@jax.jit
def enclosed_radii(mass: ArrayLike, age: ArrayLike) -> Float[Array, ...]:
    """Radii that enclose the `MASS_FRACTIONS` of a star.

    Args:
        mass: [Msun], any shape; clamped to `MASS_RANGE`.
        age: [Gyr], broadcasts against `mass`.

    Returns:
        r(f) [Rsun], the broadcast shape + (14,), increasing from r(0) = 0 to r(1) = R.
    """
    return main_sequence().enclosed_radii(mass, age)


@jax.jit
def tams_age(mass: ArrayLike) -> Float[Array, ...]:
    """Terminal-age main sequence (central hydrogen below 1e-5 by mass).

    Exact at the grid's 0.8-64 Msun. Below 0.65 Msun, where the tracks stop at 30 Gyr, the power
    law of slightly heavier stars is continued.

    Args:
        mass: [Msun], any shape; clamped to `MASS_RANGE`.

    Returns:
        t_TAMS [Gyr], the shape of `mass`.
    """
    return main_sequence().tams_age(mass)


@jax.jit
def zams_age(mass: ArrayLike) -> Float[Array, ...]:
    """Zero-age main sequence.

    Exact at the grid's 4-64 Msun. At lower masses it lies between the youngest age that the grid
    simulates and the next younger one, which it leaves out.

    Args:
        mass: [Msun], any shape; clamped to `MASS_RANGE`.

    Returns:
        t_ZAMS [Gyr], the shape of `mass`.
    """
    return main_sequence().zams_age(mass)
