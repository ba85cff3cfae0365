"""Orbits around a Schwarzschild black hole, from where a particle starts to its pericentre.

Units: G = M = c = 1, so that the horizon lies at r = 2. A particle starts at r0 with the velocity
(v_r, v_t) that an observer at rest there measures. All is written in y = r / r0, eps = 1 / r0 and

    w = v^2 r0,  e = (E^2 - 1) r0 = gamma^2 (w - 2),  l = gamma^2 w_t,

numbers of order 1 for stars wherever they are: E^2 - 1 is never the difference of large ones. The
radial motion is (dr/dtau)^2 = g(y) eps / y^3 with

    g(y) = e y^3 + 2 y^2 - l y + 2 eps l = (y - y_p) q(y).

Source: Chandrasekhar (1983), section 19.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp

from surrogate.transients.cosmology import gauss_legendre

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Array, Bool, Float

    Real = Array | float

NEWTON: Final = 16
"""Steps towards the pericentre: it doubles its digits each, but for orbits that almost plunge."""
_TINY: Final = 1e-30


class Pericentre(NamedTuple):
    """What becomes of particles."""

    r: Float[Array, ...]
    """Distance of the pericentre [GM/c^2]; where `reached`."""
    time: Float[Array, ...]
    """Coordinate time until they are there [GM/c^3]; where `reached`."""
    reached: Bool[Array, ...]
    """Neither plunges nor leaves for good."""
    plunges: Bool[Array, ...]
    """Falls through the horizon: no pericentre, L below about 4 for slow particles."""


def to_pericentre(r0: Real, v_r: Real, v_t: Real, nodes: int = 32) -> Pericentre:
    """Where the next pericentre is, and when.

    Args:
        r0: distance from the black hole at the start [GM/c^2], above 6; shapes broadcast.
        v_r: radial velocity there, outwards [c].
        v_t: tangential velocity there [c].
        nodes: of the quadrature in time.

    Returns:
        The pericentres. A bound particle that moves outwards passes its apocentre first; an
        unbound one never returns.
    """
    eps = 1.0 / jnp.asarray(r0)
    w_r, w_t = v_r**2 / eps, v_t**2 / eps
    gamma2 = 1.0 / (1.0 - eps * (w_r + w_t))
    e, l = gamma2 * (w_r + w_t - 2.0), gamma2 * w_t  # noqa: E741
    E = jnp.sqrt(gamma2 * (1.0 - 2.0 * eps))
    outbound, bound = v_r > 0.0, e < 0.0
    leaves = outbound & ~bound
    h = E * jnp.where(outbound, v_r, -v_r) / jnp.sqrt(eps)  # sqrt(g) at the start

    y_min, plunges = _lowest(eps, e, l)
    # What plunges gets some other orbit: of its own, the derivatives would not be finite.
    eps, e, l, h, y_min = (  # noqa: E741
        jnp.where(plunges, harmless, x)
        for x, harmless in zip((eps, e, l, h, y_min), _HARMLESS, strict=True)
    )
    y_p = _pericentre(eps, e, l, y_min)
    inbound_unbound = _time_unbound(eps, jnp.maximum(e, -_NEARLY_BOUND), l, y_p, h, nodes)
    inwards, half = _time_bound(eps, jnp.minimum(e, -_NEARLY_BOUND), l, y_p, h, nodes)
    bound_time = jnp.where(outbound, 2.0 * half - inwards, inwards)
    # An almost parabolic orbit falls in like a parabola, but takes its time beyond the apocentre.
    bound = bound & (outbound | (e < -_NEARLY_BOUND))
    time = E * jnp.where(bound, bound_time, inbound_unbound) / (eps * jnp.sqrt(eps))
    return Pericentre(y_p / eps, time, ~leaves & ~plunges, plunges & ~leaves)


_NEARLY_BOUND: Final = 1e-5
"""-e of orbits whose apocentre is too far for the formula of bound ones."""
_CIRCULAR: Final = 1e-8
"""Difference of apo- and pericentre that keeps the slopes of circular orbits finite."""


_HARMLESS: Final = (0.01, -0.5, 1.0, 0.72, 0.28)
"""eps, e, l, h and about y_min of an orbit whose pericentre is at a distance of 0.56."""


def _lowest(eps: Array, e: Array, l: Array) -> tuple[Array, Array]:  # noqa: E741
    """Where g has its minimum, between the roots, and whether it is above 0: nothing turns back."""
    extrema = 4.0 + 3.0 * e * l
    y_min = l / (2.0 + jnp.sqrt(jnp.maximum(extrema, 0.0)))
    least = ((e * y_min + 2.0) * y_min - l) * y_min + 2.0 * eps * l
    return y_min, (least > 0.0) | (extrema < 0.0) | (l <= 0.0)


def _pericentre(eps: Array, e: Array, l: Array, y_min: Array) -> Array:  # noqa: E741
    """The root of g above its minimum."""
    # Newton's pericentre lies beyond Einstein's, where g > 0; steps come from one side as long as
    # g is convex. That of a bound orbit is concave beyond its inflection: from there they do, too.
    y = l / (1.0 + jnp.sqrt(jnp.maximum(1.0 + e * l, 0.0)))
    y = jnp.minimum(y, jnp.where(e < 0.0, 2.0 / jnp.maximum(-3.0 * e, _TINY), 1.0))
    y = jnp.clip(y, _TINY, 1.0)

    def step(y: Array, eps: Array, e: Array, l: Array) -> Array:  # noqa: E741
        g = ((e * y + 2.0) * y - l) * y + 2.0 * eps * l
        slope = (3.0 * e * y + 4.0) * y - l
        return jnp.clip(y - g / jnp.where(slope > _TINY, slope, jnp.inf), y_min, 1.0)

    # The last step carries the derivatives, all of them where the others have arrived.
    y, *fixed = map(jax.lax.stop_gradient, (y, eps, e, l))
    y = jax.lax.fori_loop(0, NEWTON, lambda _, y: step(y, *fixed), y)
    return step(y, eps, e, l)


def _inner(eps: Array, e: Array, l: Array, y_p: Array) -> tuple[Array, Array, Array]:  # noqa: E741
    """q(y) = e y^2 + b y - c, and the distance of its root below the pericentre."""
    b, c = 2.0 + e * y_p, 2.0 * eps * l / y_p
    root = 2.0 * c / (b + jnp.sqrt(jnp.maximum(b**2 + 4.0 * e * c, _TINY)))
    return b, c, jnp.maximum(y_p - root, _TINY)


def _time_unbound(
    eps: Array,
    e: Array,
    l: Array,  # noqa: E741
    y_p: Array,
    h: Array,
    nodes: int,
) -> Array:
    """int_{y_p}^1 y^{3/2} dy / ((1 - 2 eps / y) sqrt(g)), for e >= 0 or almost."""
    b, _, d = _inner(eps, e, l, y_p)
    # y = y_p + d sinh^2(tau) takes the root of g at y_p and the one d below it out of sqrt(g).
    other = e * (2.0 * y_p - d) + b  # q(y) = (y - y_p + d) (e (y - y_p) + other)
    # By g(1) = h^2 instead of 1 - y_p, which has no digits and no slope at the pericentre.
    below = 1.0 - y_p + d
    end = jnp.arcsinh(h / jnp.sqrt(jnp.maximum((e * (1.0 - y_p) + other) * below * d, _TINY)))

    def rate(x: Array) -> Array:
        s2 = d * jnp.sinh(end * x) ** 2
        y = y_p + s2
        return y * jnp.sqrt(y) / ((1.0 - 2.0 * eps / y) * jnp.sqrt(e * s2 + other))

    return 2.0 * end * _mean(rate, nodes, end)


def _mean(rate: Callable[[Array], Array], nodes: int, like: Array) -> Array:
    """Mean of a function over [0, 1]."""
    x, weight = (jnp.asarray(a, like.dtype) for a in gauss_legendre(nodes))
    # A loop is one small kernel; all nodes at once, derivatives and all, would not be fused.
    return jax.lax.fori_loop(
        0, nodes, lambda i, total: total + weight[i] * rate(x[i]), jnp.zeros_like(like)
    )


def _time_bound(
    eps: Array,
    e: Array,
    l: Array,  # noqa: E741
    y_p: Array,
    h: Array,
    nodes: int,
) -> tuple[Array, Array]:
    """The same from y = 1 and from the apocentre, for e < 0."""
    b, c, d = _inner(eps, e, l, y_p)
    y_a = jnp.maximum((b + jnp.sqrt(jnp.maximum(b**2 + 4.0 * e * c, 0.0))) / (-2.0 * e), 1.0)
    D = jnp.maximum(y_a - y_p, _CIRCULAR)
    kappa = jnp.sqrt(d / D)
    # sin(2 s) and cos(2 s) at y = 1, to a factor, by g(1) = h^2: smooth at peri- and apocentre.
    sine = 2.0 * h / jnp.sqrt(jnp.maximum(-e * (1.0 - y_p + d), _TINY))
    cosine = y_a + y_p - 2.0
    twice = jnp.arctan2(sine, cosine + jnp.where(cosine == 0.0, _CIRCULAR, 0.0))
    start = 0.5 * jnp.where(twice < 0.0, 2.0 * jnp.pi + twice, twice)  # at the apocentre h is -0

    def integral(until: Array) -> Array:
        # y = y_p + D sin^2(s) takes peri- and apocentre out, s = kappa sinh(tau) the root below.
        end = jnp.arcsinh(until / kappa)

        def rate(x: Array) -> Array:
            s2 = D * jnp.sin(kappa * jnp.sinh(end * x)) ** 2
            y = y_p + s2
            per_s = y * jnp.sqrt(y) / ((1.0 - 2.0 * eps / y) * jnp.sqrt(s2 + d))
            return per_s * jnp.cosh(end * x)

        return 2.0 * end * kappa * _mean(rate, nodes, end) / jnp.sqrt(-e)

    return integral(start), integral(jnp.full_like(start, jnp.pi / 2.0))
