"""From an encounter to what networks read: five raw numbers, or the physics of the two stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.collisions.contact import HALF, contact_height
from surrogate.constants import G

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

    from surrogate.collisions.pair import Pair

    AnyArray = Array | np.ndarray

CORE = 1
"""Where a profile has the radius of its innermost tenth by mass."""

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


class StructureFeatures(NamedTuple):
    """What decides a collision, in units of the stars themselves.

    Exchanging the stars leaves `even` as it is and changes the sign of `odd`, which is zero for
    two identical stars.
    """

    even: Float[Array, "*batch even"]
    odd: Float[Array, "*batch 4"]
    shares: Float[Array, "*batch 2"]
    """Mass of each star over the mass of both [1]."""


EVEN_FEATURES = (
    "height of the shells in contact",
    "rp/(r1+r2)",
    "ln(rp/rh+0.05)",
    "ln(w+0.001)",
    "ln(w+0.1)",
    "ln(K/B+0.01)",
    "ln(K/B+1)",
    "ln(vp^2/vesc^2)",
    "ln(rh1/r1)+ln(rh2/r2)",
    "ln(rc1/rh1)+ln(rc2/rh2)",
    "ln(vesc^2)",
    "products of odd features",
)
ODD_FEATURES = ("ln(m1/m2)", "ln(rh1/rh2)", "ln(rh1/r1)-ln(rh2/r2)", "ln(rc1/rh1)-ln(rc2/rh2)")
STRUCTURE_FEATURES = EVEN_FEATURES + ODD_FEATURES
QUICK_FEATURES = STRUCTURE_FEATURES[1:]


def structure_features(pair: Pair) -> StructureFeatures:
    """Pericentre, speed and energy of an encounter in units of the two stars.

    With rh the half-mass radius and rc that of the innermost tenth by mass, lengths are measured
    in rh = rh1 + rh2 and speeds in vesc, the escape speed there: w = (vinf/vesc)^2. K is the
    orbital energy, B = G m1^2/rh1 + G m2^2/rh2 a measure of the binding energies, and vp the speed
    at a pericentre softened by 0.1 rh. Ages and masses enter through the stars' structure alone,
    but for the mass ratio and the depth of the potential, vesc, in km/s.

    Args:
        pair: the encounter, with the profiles of both stars.

    Returns:
        The features, not yet standardised.
    """
    shells = np.array([CORE, HALF])
    x = _features(pair, pair.profile1[..., shells], pair.profile2[..., shells])
    depth = contact_height(pair.rp, pair.profile1, pair.profile2)
    return x._replace(even=jnp.concatenate([depth[..., None], x.even], axis=-1))


def quick_features(pair: Pair) -> StructureFeatures:
    """The same without the first, the shells in contact: no whole profiles are needed."""
    return _features(pair, pair.core1, pair.core2)


def _features(
    pair: Pair, core1: Float[Array, "*batch 2"], core2: Float[Array, "*batch 2"]
) -> StructureFeatures:
    c1, h1, c2, h2 = core1[..., 0], core1[..., 1], core2[..., 0], core2[..., 1]
    R1, R2, m1, m2, M, h = pair.r1, pair.r2, pair.m1, pair.m2, pair.total, h1 + h2
    # Stars that just miss each other are, in smooth mode, answered as in contact.
    rp = jnp.minimum(pair.rp, R1 + R2)

    vesc2 = 2 * G * M / h
    w = pair.vinf**2 / vesc2
    K_B = 0.5 * (m1 * m2 / M) * pair.vinf**2 / (G * m1**2 / h1 + G * m2**2 / h2)
    # vp^2 / vesc^2 by energy conservation
    p = w + h / (rp + 0.1 * h)

    b1, b2 = jnp.log(h1 / R1), jnp.log(h2 / R2)
    k1, k2 = jnp.log(c1 / h1), jnp.log(c2 / h2)
    odd = jnp.stack([jnp.log(m1 / m2), jnp.log(h1 / h2), b1 - b2, k1 - k2], axis=-1)
    even = [
        rp / (R1 + R2),
        jnp.log(rp / h + 0.05),
        jnp.log(w + 1e-3),
        jnp.log(w + 0.1),
        jnp.log(K_B + 1e-2),
        jnp.log1p(K_B),
        jnp.log(p),
        b1 + b2,
        k1 + k2,
        jnp.log(vesc2),
        *_products(odd[..., :3]),
    ]
    shares = jnp.stack([m1, m2], axis=-1) / M[..., None]
    return StructureFeatures(jnp.stack(even, axis=-1), odd, shares)


def _products(odd: Float[Array, "*batch 3"]) -> list[Float[Array, "*batch"]]:
    """Products of two odd features, which are even; they grow like the features themselves."""
    size = jnp.sqrt(1.0 + jnp.sum(odd**2, axis=-1))
    return [odd[..., i] * odd[..., j] / size for i in range(3) for j in range(i, 3)]
