"""Entropy of the expanding gas, and its temperature.

Photons, electron pairs and an ideal gas of nuclei: s = 5.21 T_MeV^3 / rho_8 (1 + 7/4 T9^3 / (T9^3 +
5.3)) + sum of Sackur-Tetrode terms [k per baryon]. Electrons that are not pairs are left out: there
are few of them in what is rich in neutrons.

Source: Witti, Janka & Takahashi (1994, A&A 286, 841), equation 4, for photons and pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.enrichment.network.captures import PER_GK

if TYPE_CHECKING:
    from jaxtyping import Array, Float

LN_PHASE: Final = 23.01261
"""ln of (m_u k 1 GK / (2 pi hbar^2))^(3/2) / (1 g N_A) [g/cm^3 of nucleons of spin 0]: the phase
space of a nucleus of mass number A at T9 is A^(3/2) T9^(3/2) as many per cm^3."""
COLDEST: Final = 1e-3
"""The temperature never falls below [GK]: the tables are constant long before."""
_TRIES: Final = 12


def light(t9: Float[Array, ""], rho: Float[Array, ""]) -> Float[Array, ""]:
    """Entropy of photons and pairs [k per baryon].

    Args:
        t9: temperature [GK].
        rho: density [g/cm^3].
    """
    return 5.21 * (t9 / PER_GK) ** 3 / (rho / 1e8) * (1.0 + 1.75 * t9**3 / (t9**3 + 5.3))


def translation(
    t9: Float[Array, ""], rho: Float[Array, ""], y: Float[Array, " n"], a: Float[Array, " n"]
) -> Float[Array, ""]:
    """Entropy of an ideal gas, sum of Y (5/2 + ln(A^(3/2) phase space / Y)) [k per baryon].

    Args:
        t9: temperature [GK].
        rho: density [g/cm^3].
        y: numbers per baryon, above 0, times the statistical weight in the logarithm of `a`.
        a: A g^(2/3) of each kind, so that the weight g stands in the phase space.
    """
    ln_phase = LN_PHASE + 1.5 * jnp.log(a * t9) - jnp.log(rho)
    return jnp.sum(y * (2.5 + ln_phase - jnp.log(y)))


def cool(
    t9: Float[Array, ""],
    rho: Float[Array, ""],
    rho_next: Float[Array, ""],
    particles: Float[Array, ""],
    heat: Float[Array, ""],
) -> Float[Array, ""]:
    """Temperature after an expansion with heat added.

    Composition is fixed meanwhile, so of the nuclei's entropy only 1.5 ln T - ln rho a particle
    changes.

    Args:
        t9: temperature before [GK].
        rho: density before [g/cm^3].
        rho_next: density after [g/cm^3].
        particles: nuclei and neutrons per baryon.
        heat: [MeV per baryon].

    Returns:
        [GK].
    """
    # The heat comes at the temperature before: the steps are short beside the expansion.
    s = light(t9, rho) + heat * PER_GK / t9
    drop = particles * jnp.log(rho_next / rho)

    def too_much(u: Float[Array, ""]) -> Float[Array, ""]:
        # u = ln of T over that before
        return light(t9 * jnp.exp(u), rho_next) + 1.5 * particles * u - drop - s

    def newton(u: Float[Array, ""], _: None) -> tuple[Float[Array, ""], None]:
        value, slope = jax.jvp(too_much, (u,), (jnp.ones_like(u),))
        return u - jnp.clip(value / slope, -0.5, 0.5), None

    u = jax.lax.scan(newton, jnp.log(rho_next / rho) / 3.0, length=_TRIES)[0]
    return jnp.maximum(t9 * jnp.exp(u), COLDEST)


def density_of(
    s: Float[Array, ""], t9: Float[Array, ""], y_e: Float[Array, ""]
) -> Float[Array, ""]:
    """Density at which a hot gas of neutrons, protons and alpha particles has an entropy.

    Args:
        s: [k per baryon].
        t9: temperature [GK].
        y_e: protons per baryon: twice as many nucleons are in alpha particles, below 0.5.

    Returns:
        [g/cm^3].
    """
    y_n = jnp.maximum(1.0 - 2.0 * y_e, 1e-6)
    y_alpha = 0.5 * jnp.minimum(y_e, 1.0 - y_e)
    y = jnp.stack([y_n, y_alpha])
    a = jnp.array([2.0 ** (2.0 / 3.0), 4.0])

    def excess(u: Float[Array, ""]) -> Float[Array, ""]:
        return light(t9, jnp.exp(u)) + translation(t9, jnp.exp(u), y, a) - s

    def newton(u: Float[Array, ""], _: None) -> tuple[Float[Array, ""], None]:
        value, slope = jax.jvp(excess, (u,), (jnp.ones_like(u),))
        return u - jnp.clip(value / slope, -1.0, 1.0), None

    u = jnp.log(light(t9, jnp.ones_like(t9)) / s)
    return jnp.exp(jax.lax.scan(newton, u, length=30)[0])
