"""Nuclear statistical equilibrium: what hot matter is made of before its reactions freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

from surrogate.enrichment.network.captures import PER_GK
from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.gas import LN_PHASE
from surrogate.enrichment.network.rates import partition

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float

    from surrogate.enrichment.network.network import Network

_TRIES: Final = 60
_SPAN: Final = 80.0
_HALVINGS: Final = 40
_LN2: Final = 0.6931471805599453


def equilibrium(
    network: Network, t9: Float[Array, ""], rho: Float[Array, ""], y_e: Float[Array, ""]
) -> State:
    """Composition in nuclear statistical equilibrium.

    Y(Z, A) = G A^(3/2) theta^(1-A) / 2^A (rho/...)^(A-1) Y_p^Z Y_n^N exp(B / kT): two unknowns, the
    chemical potentials of neutrons and protons, by Newton steps on ln of mass and charge.

    Args:
        network: binding energies and partition functions.
        t9: temperature [GK].
        rho: density [g/cm^3].
        y_e: protons per baryon.

    Returns:
        The composition, sum of A Y = 1 to rounding.

    Source: Clifford & Tayler (1965, MmRAS 69, 21); Hix & Thielemann (1999, JCoAM 109, 321).
    """
    z, w = network.mask.shape
    rows = jnp.arange(z)[:, None] * jnp.ones((1, w))
    n = jnp.asarray(network.first)[:, None] + jnp.arange(w)
    good = _bound(network)
    binding = jnp.where(good, network.binding, 0.0)
    # Free neutrons are the last kind.
    zs = jnp.append(jnp.where(good, rows, 0.0), 0.0)
    ns = jnp.append(jnp.where(good, n, 0.0), 1.0)

    a = jnp.maximum(rows + n, 1.0)
    # Phase space of a nucleon without spin, over that of the baryons.
    ln_space = LN_PHASE + 1.5 * jnp.log(t9) - jnp.log(rho)
    ln_fixed = partition(network, t9) + 1.5 * jnp.log(a) + binding * PER_GK / t9
    ln_fixed = jnp.append(jnp.where(good, ln_fixed, -jnp.inf), _LN2) + ln_space

    def ln_y(mu: Float[Array, 2]) -> Float[Array, " n"]:
        return ln_fixed + zs * mu[0] + ns * mu[1]

    def miss(mu: Float[Array, 2]) -> Float[Array, 2]:
        # ln of sums keep the steps sane where an exponential would overflow.
        ln = ln_y(mu)
        mass = logsumexp(ln, b=zs + ns)
        return jnp.stack([mass, logsumexp(ln, b=zs) - jnp.log(y_e)])

    def protons(mu_p: Float[Array, ""], mu_n: Float[Array, ""]) -> Float[Array, ""]:
        """The mu_p that makes the masses add up: of a convex function, so Newton steps find it."""

        def go_on(s: tuple[Array, Array, Array]) -> Array:
            return (jnp.abs(s[1]) > 1e-9) & (s[2] < _TRIES)

        def nearer(s: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            ln = ln_y(jnp.stack([s[0], mu_n])) + jnp.log(zs + ns)
            top = jnp.max(ln)
            weight = jnp.exp(ln - top)
            total = jnp.sum(weight)
            slope = jnp.maximum(jnp.sum(weight * zs) / total, 1e-3)
            step = (jnp.log(total) + top) / slope
            return s[0] - step, step, s[2] + 1

        start = (mu_p, jnp.ones(()) * jnp.inf, jnp.zeros((), jnp.int32))
        return jax.lax.while_loop(go_on, nearer, start)[0]

    def solve(f: object, most: Float[Array, 2]) -> Float[Array, 2]:
        def halve(
            s: tuple[Array, Array, Array], _: None
        ) -> tuple[tuple[Array, Array, Array], None]:
            low, high, mu_p = s
            mu_n = 0.5 * (low + high)
            mu_p = protons(mu_p, mu_n)
            rich = f(jnp.stack([mu_p, mu_n]))[1] < 0.0  # type: ignore[operator]
            return (jnp.where(rich, low, mu_n), jnp.where(rich, mu_n, high), mu_p), None

        start = (most[1] - _SPAN, most[1], most[0])
        (low, high, mu_p), _ = jax.lax.scan(halve, start, length=_HALVINGS)
        mu_n = 0.5 * (low + high)
        mu = jnp.stack([protons(mu_p, mu_n), mu_n])
        for _ in range(2):
            mu = mu - jnp.linalg.solve(jax.jacfwd(f)(mu), f(mu))  # type: ignore[arg-type,operator]
        return mu

    # More neutrons than baryons there cannot be.
    most = jnp.stack([-ln_space, -ln_space - _LN2 - 1e-9])
    mu = jax.lax.custom_root(miss, most, solve, lambda g, b: jnp.linalg.solve(jax.jacfwd(g)(b), b))
    y = jnp.exp(ln_y(mu))
    y = y / jnp.sum((zs + ns) * y)
    return State(y[:-1].reshape(z, w), y[-1])


def _bound(network: Network) -> Bool[Array, "z w"]:
    """Nuclei that hold their last neutron and their last two."""
    binding = jnp.asarray(network.binding)
    last = jnp.diff(binding, axis=1, prepend=0.0)
    two = binding[:, 2:] - binding[:, :-2]
    two = jnp.concatenate([jnp.ones_like(two[:, :2]), two], axis=1)
    known = jnp.asarray(network.mask) & ~jnp.isnan(binding)
    return known & ~(last < 0.0) & ~(two < 0.0)
