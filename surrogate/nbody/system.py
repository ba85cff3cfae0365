"""The bodies of an N-body run: stars that collide, and massive bodies that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.structure import radius

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Bool, Float

DAY: Final = 86_400.0 / 695_700.0
"""A day in units of time, Rsun / (km/s) = 695,700 s."""
YEAR: Final = 365.25 * DAY
"""A Julian year in units of time."""


class System(NamedTuple):
    """Bodies in slots that they keep; a slot whose mass is 0 is empty."""

    x: Float[Array, "n 3"]
    """Positions [Rsun]."""
    v: Float[Array, "n 3"]
    """Velocities [km/s]."""
    m: Float[Array, " n"]
    """Masses [Msun]; 0 where a slot is empty."""
    r: Float[Array, " n"]
    """Radii [Rsun]; 0 for a body that never collides, such as a black hole."""
    age: Float[Array, " n"]
    """Ages [Gyr], which tell the structure of a star; a run is too short to change them."""

    @property
    def alive(self) -> Bool[Array, " n"]:
        """Where there is a body."""
        return self.m > 0.0


def bodies(
    x: ArrayLike, v: ArrayLike, m: ArrayLike, age: ArrayLike = 0.0, r: ArrayLike | None = None
) -> System:
    """Bodies from their positions, velocities and masses, checked.

    Args:
        x: positions, (n, 3) [Rsun].
        v: velocities, (n, 3) [km/s].
        m: masses, (n,) [Msun]; 0 leaves a slot empty.
        age: ages, (n,) or one for all [Gyr].
        r: radii, (n,) [Rsun]; from the structure model where None. A body of radius 0 never
            collides.

    Returns:
        The bodies, in single precision unless a given array is in double.

    Raises:
        ValueError: a shape does not match, a value is not finite, or a mass, age or radius is
            negative.
    """
    given = {"x": x, "v": v, "m": m, "age": age} | ({} if r is None else {"r": r})
    given = {k: np.asarray(y) if isinstance(y, (list, tuple)) else y for k, y in given.items()}
    dtype = jnp.promote_types(jnp.result_type(*given.values()), jnp.float32)
    arrays = {name: jnp.asarray(value, dtype) for name, value in given.items()}
    n = jnp.shape(arrays["m"])
    shapes = {"x": (*n, 3), "v": (*n, 3), "m": n, "age": n, "r": n}
    for name, array in arrays.items():
        if array.shape != shapes[name] and not (name in ("age", "r") and array.ndim == 0):
            raise ValueError(f"{name} has shape {array.shape}: with {n} masses, {shapes[name]}")
        _check(name, array, signed=name in "xv")
    arrays |= {name: jnp.broadcast_to(arrays[name], n) for name in ("age", "r") if name in arrays}
    model = radius(arrays["m"], arrays["age"])
    return System(
        arrays["x"],
        arrays["v"],
        arrays["m"],
        jnp.where(arrays["m"] > 0.0, arrays.get("r", model), 0.0).astype(dtype),
        arrays["age"],
    )


def _check(name: str, array: Array, *, signed: bool) -> None:
    if isinstance(array, jax.core.Tracer):
        return  # its values are not known yet
    bad = ~np.isfinite(array) if signed else ~(np.isfinite(array) & (np.asarray(array) >= 0.0))
    if bad.any():
        value = np.asarray(array)[bad][0]
        raise ValueError(
            f"{name} = {value}: allowed are finite numbers{'' if signed else ' that are >= 0'}"
        )
