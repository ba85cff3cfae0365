"""From an encounter to the five numbers that the published networks read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp

if TYPE_CHECKING:
    import numpy as np
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    AnyArray = Array | np.ndarray

FEATURE_NAMES = ("log10(age+0.001)", "log10(rp+0.1)", "log10(vinf+10)", "ln(m1)", "ln(m2)")


class Standardiser(NamedTuple):
    """Mean and standard deviation of each feature over the training rows (paper, Eq. 2)."""

    mean: Float[AnyArray, " features"]
    std: Float[AnyArray, " features"]

    def __call__(self, x: Float[AnyArray, "*batch features"]) -> Float[AnyArray, "*batch features"]:
        """Features with zero mean and unit variance over the training rows."""
        return (x - self.mean) / self.std

    @classmethod
    def fit(cls, x: Float[AnyArray, "rows features"]) -> Standardiser:
        """Mean and standard deviation of the rows of `x`."""
        return cls(x.mean(axis=0), x.std(axis=0))


def published_features(
    age: ArrayLike, m1: ArrayLike, m2: ArrayLike, rp: ArrayLike, vinf: ArrayLike
) -> Float[Array, "*batch 5"]:
    """The five inputs of the published networks (paper, Eq. 1), not yet standardised.

    Args:
        age: age [Gyr].
        m1: mass of the heavier star [Msun].
        m2: mass of the lighter star [Msun].
        rp: pericentre [Rsun].
        vinf: relative velocity at infinity [km/s].

    Returns:
        {log10(age + 0.001), log10(rp + 0.1), log10(vinf + 10), ln m1, ln m2}, stacked along a
        new last axis.
    """
    return jnp.stack(
        jnp.broadcast_arrays(
            jnp.log10(jnp.asarray(age) + 0.001),
            jnp.log10(jnp.asarray(rp) + 0.1),
            jnp.log10(jnp.asarray(vinf) + 10.0),
            jnp.log(jnp.asarray(m1)),
            jnp.log(jnp.asarray(m2)),
        ),
        axis=-1,
    )
