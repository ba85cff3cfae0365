"""What codes do today where two stars collide: rivals of the surrogate.

Stars whose surfaces touch merge, and a fit says what fraction of m1 + m2 is lost:

- "sticky": nothing. Sticky spheres, as in most N-body and Monte Carlo codes of star clusters.
- "wang2022": the population synthesis code COMPAS (Wang et al. 2022, after Glebbeek et al. 2008).
- "mmams": Make Me A Massive Star in AMUSE (Gaburov et al. 2008).
- "lombardi2002": Make Me A Star (Lombardi et al. 2002), the one that knows the pericentre.

All of them were made for slow encounters. None knows the velocity, so nothing is destroyed or
stripped, and stars that touch never fly on, unless a switch at the escape speed is put before them;
there is no tidal capture either, and but for the last no structure of the stars. Symbols are those
of the sources. The functions of physics work elementwise on arrays that broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.contact import HALF, HEIGHTS, height
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.pair import Pair, arrange, unswap
from surrogate.collisions.pipeline import CONTACT_TOLERANCE
from surrogate.collisions.splines import floating
from surrogate.collisions.structure import MASS_FRACTIONS, main_sequence
from surrogate.constants import G

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float, Int

    Real = Array | float

C1: Final = 0.157
"""Lombardi et al. (2002), fitted to SPH simulations of parabolic collisions."""
C2: Final = 1.8
"""The same."""
OUTER: Final = 0.86
"""Enclosed-mass fraction of the outer radii in the fit of Lombardi et al. (2002)."""


class Remnants(NamedTuple):
    """What a rival leaves of an encounter. Every field has the broadcast shape of the inputs."""

    fate: Int[Array, ...]
    """A `Fate`: a merger or two survivors; -1 where an input is invalid."""
    m1_final: Float[Array, ...]
    """Final mass of star 1 [Msun]; a merger product stands with the heavier star."""
    m2_final: Float[Array, ...]
    """Final mass of star 2 [Msun]."""
    m_unbound: Float[Array, ...]
    """Mass bound to neither star [Msun]."""


def mass_ratio(m1: Real, m2: Real) -> Array:
    """Mass of the lighter star over that of the heavier one, q <= 1, dimensionless."""
    return jnp.minimum(m1, m2) / jnp.maximum(m1, m2)


def loss_sticky(m1: Real, m2: Real) -> Array:
    """Fraction of m1 + m2 that sticky spheres lose: none.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].

    Returns:
        0, dimensionless.
    """
    return jnp.zeros_like(mass_ratio(m1, m2))


def loss_wang(m1: Real, m2: Real) -> Array:
    """Fraction of m1 + m2 lost in a merger, as in COMPAS.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].

    Returns:
        0 to 0.075, dimensionless.

    Source: Wang et al. (2022), after Glebbeek et al. (2008); `ResolveMainSequenceMerger` of COMPAS.
    """
    q = mass_ratio(m1, m2)
    return 0.3 * q / (1.0 + q) ** 2


def loss_mmams(m1: Real, m2: Real) -> Array:
    """Fraction of m1 + m2 lost in a merger, as in AMUSE's Make Me A Massive Star.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].

    Returns:
        0 to 0.092, dimensionless; the most is lost at q = 0.66.

    Source: Gaburov et al. (2008); `mass_loss.cpp` of MMAMS.
    """
    q = mass_ratio(m1, m2)
    # 8.36 % q^-2.58 (2q / (1+q))^4.28 with the powers of q gathered: nothing large in between.
    return 0.0836 * q**1.70 * (2.0 / (1.0 + q)) ** 4.28


def loss_lombardi(m1: Real, m2: Real, rp: Real, sr86: Real, sr50: Real) -> Array:
    """Fraction of m1 + m2 lost in a parabolic collision.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        rp: pericentre [Rsun].
        sr86: sum of the radii of both stars that enclose 86 per cent of their mass [Rsun].
        sr50: sum of their half-mass radii [Rsun].

    Returns:
        The fraction, dimensionless, of a few per cent.

    Source: Lombardi et al. (2002).
    """
    q = mass_ratio(m1, m2)
    return C1 * q / (1.0 + q) ** 2 * sr86 / (sr50 + C2 * rp)


def contact_escape_speed(m1: Real, m2: Real, r1: Real, r2: Real) -> Array:
    """Relative speed at which two stars in contact escape from each other.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        r1: radius of star 1 [Rsun].
        r2: radius of star 2 [Rsun].

    Returns:
        sqrt(2 G (m1 + m2) / (r1 + r2)) [km/s].
    """
    return jnp.sqrt(2.0 * G * (jnp.asarray(m1) + m2) / (jnp.asarray(r1) + r2))


def enclosing_radius(profile: Float[Array, "... 14"], fraction: float) -> Float[Array, ...]:
    """Radius that encloses a fraction of a star's mass.

    Linear between the neighbouring shells in `height(f)`, in which radii nearly are: at 86 per cent
    within 0.1 per cent (median; 0.9 at worst) of a cubic through all shells.

    Args:
        profile: radii r(f) that enclose `MASS_FRACTIONS` [Rsun].
        fraction: of the mass, 0 to 1.

    Returns:
        r [Rsun].
    """
    k = min(int(np.searchsorted(MASS_FRACTIONS, fraction, side="right")), len(MASS_FRACTIONS) - 1)
    t = float((height(np.asarray(fraction)) - HEIGHTS[k - 1]) / (HEIGHTS[k] - HEIGHTS[k - 1]))
    return (1.0 - t) * profile[..., k - 1] + t * profile[..., k]


def _sticky(pair: Pair) -> Array:
    return loss_sticky(pair.m1, pair.m2)


def _wang(pair: Pair) -> Array:
    return loss_wang(pair.m1, pair.m2)


def _mmams(pair: Pair) -> Array:
    return loss_mmams(pair.m1, pair.m2)


def _lombardi(pair: Pair) -> Array:
    r86 = [enclosing_radius(profile, OUTER) for profile in (pair.profile1, pair.profile2)]
    sr50 = pair.profile1[..., HALF] + pair.profile2[..., HALF]
    return loss_lombardi(pair.m1, pair.m2, pair.rp, r86[0] + r86[1], sr50)


BASELINES: Final[dict[str, Callable[[Pair], Array]]] = {
    "sticky": _sticky,
    "wang2022": _wang,
    "mmams": _mmams,
    "lombardi2002": _lombardi,
}
"""The fraction of m1 + m2 that each rival loses in a merger."""


def collide(
    name: str,
    age: ArrayLike,
    m1: ArrayLike,
    m2: ArrayLike,
    rp: ArrayLike,
    vinf: ArrayLike,
    r1: ArrayLike | None = None,
    r2: ArrayLike | None = None,
    age2: ArrayLike | None = None,
    *,
    below_escape_speed: bool = False,
) -> Remnants:
    """What a rival leaves when two stars meet. Arguments broadcast against each other.

    Args:
        name: a key of `BASELINES`.
        age: age of both stars [Gyr].
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun]; either star may be the heavier.
        rp: pericentre of the two-body orbit [Rsun].
        vinf: relative velocity at infinity [km/s].
        r1: radius of star 1 [Rsun], to which its profile is scaled; from `structure` where None.
        r2: radius of star 2 [Rsun]; give both or neither.
        age2: age of star 2 [Gyr], where it is another one.
        below_escape_speed: merge only where vinf is below the escape speed at contact; otherwise
            the stars fly on with the masses they had.

    Returns:
        A merger in contact (r_p <= r1 + r2, with the tolerance of the pipeline), two unchanged
        survivors otherwise; NaN masses and a fate of -1 where an input is invalid.

    Raises:
        ValueError: no such rival, or one radius is given without the other.
    """
    if name not in BASELINES:
        raise ValueError(f"baseline = {name!r}: allowed are {', '.join(BASELINES)}")
    if (r1 is None) != (r2 is None):
        raise ValueError("r1 and r2: give the radii of both stars, or of neither")
    fields = Encounter(age, m1, m2, rp, vinf, r1, r2, age2)._asdict()
    given = {k: jnp.asarray(x) for k, x in fields.items() if x is not None}
    encounter = Encounter(**dict(zip(given, floating(*given.values()), strict=True)))
    return _collide(name, encounter, below_escape_speed)


@partial(jax.jit, static_argnames=("name", "below_escape_speed"))
def _collide(name: str, encounter: Encounter, below_escape_speed: bool) -> Remnants:
    pair = arrange(encounter, main_sequence())
    merges = pair.rp <= (pair.r1 + pair.r2) * (1.0 + CONTACT_TOLERANCE)
    if below_escape_speed:
        merges &= pair.vinf < contact_escape_speed(pair.m1, pair.m2, pair.r1, pair.r2)

    lost = BASELINES[name](pair) * pair.total
    unbound = jnp.where(merges, lost, 0.0)
    product, nothing = pair.total - lost, jnp.zeros_like(lost)
    # Of equal masses star 1 keeps the product, whatever the radii.
    merged = unswap(pair.swapped & (pair.m1 != pair.m2), product, nothing)
    survivors = unswap(pair.swapped, pair.m1, pair.m2)
    m1, m2 = (jnp.where(merges, a, b) for a, b in zip(merged, survivors, strict=True))
    fate = jnp.where(merges, int(Fate.MERGER), int(Fate.TWO))
    return Remnants(
        jnp.where(pair.valid, fate, -1).astype(jnp.int32),
        *(jnp.where(pair.valid, mass, jnp.nan) for mass in (m1, m2, unbound)),
    )
