"""Effective ages of stars after a collision.

The effective age is that of an undisturbed star of the same mass that has burnt the same share of
its core's hydrogen. What is assumed:

- A merger mixes fully: its fresh hydrogen is that of both stars, and the core burns 10 per cent of
  all hydrogen (Hurley, Tout & Pols 2002, Eq. 80). Mergers that keep their helium in the core have
  lived longer; `mixing` says how much (1: no hydrogen is mixed into the core at all).
- A star that loses mass keeps its scaled age t / t_MS (Hurley et al. 2000, section 7.1): what is
  stripped is envelope, and the lighter star burns what it has more slowly.
- A star that gains mass keeps it, too, where its core is radiative; a convective core, or a fully
  convective star, takes in fresh hydrogen, which makes it younger by the factor of the masses
  (Hurley, Tout & Pols 2002, section 2.6.6).
- Survivors of a fly-by and of a collision without mass loss are as old as they were.
- A product has the radius of a main-sequence star of its mass and effective age: the collision's
  heat is radiated before the next one (a thermal time, less than 0.1 Gyr for most).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax.numpy as jnp

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

FULL_MIXING: Final = 0.1
"""Share of a star's hydrogen that its core burns (Hurley, Tout & Pols 2002, Eq. 80)."""
RADIATIVE_CORE: Final = (0.35, 1.25)
"""Masses of main-sequence stars with a radiative core [Msun]; lighter ones are convective."""


def merged_age(
    m1: ArrayLike,
    m2: ArrayLike,
    s1: ArrayLike,
    s2: ArrayLike,
    m3: ArrayLike,
    t_ms3: ArrayLike,
    mixing: ArrayLike = FULL_MIXING,
) -> Float[Array, ...]:
    """Effective age of the product of a merger. Arguments broadcast.

    Args:
        m1: mass of star 1 [Msun].
        m2: mass of star 2 [Msun].
        s1: scaled age t1 / t_MS1 of star 1 [1].
        s2: scaled age of star 2 [1].
        m3: mass of the product [Msun], > 0.
        t_ms3: main-sequence lifetime of a star of that mass [Gyr].
        mixing: 0.1 mixes the product fully, 1 mixes nothing into its core.

    Returns:
        t3 = mixing t_MS3 (M1 s1 + M2 s2) / M3 [Gyr], at most t_MS3: where much hydrogen is lost.

    Source: Hurley, Tout & Pols (2002), Eq. 80.
    """
    s3 = mixing * (jnp.asarray(m1) * s1 + jnp.asarray(m2) * s2) / m3
    return jnp.asarray(t_ms3) * jnp.minimum(s3, 1.0)


def survivor_age(
    m: ArrayLike, s: ArrayLike, m_final: ArrayLike, t_ms_final: ArrayLike
) -> Float[Array, ...]:
    """Effective age of a star that lost or gained mass. Arguments broadcast.

    Args:
        m: mass before [Msun].
        s: scaled age t / t_MS before [1].
        m_final: mass after [Msun], > 0.
        t_ms_final: main-sequence lifetime of a star of that mass [Gyr].

    Returns:
        t' = t_MS' t / t_MS [Gyr], times M / M' where a star without a radiative core gains mass.

    Source: Hurley et al. (2000), section 7.1; Hurley, Tout & Pols (2002), section 2.6.6.
    """
    m, m_final = jnp.asarray(m), jnp.asarray(m_final)
    low, high = RADIATIVE_CORE
    mixed = (m_final > m) & ((m_final < low) | (m_final > high))
    return jnp.asarray(t_ms_final) * s * jnp.where(mixed, m / m_final, 1.0)
