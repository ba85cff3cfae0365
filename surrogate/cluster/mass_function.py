"""Initial mass functions: power laws in pieces, with everything differentiable in the slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Float

KROUPA_BREAKS: Final = (0.08, 0.5)
"""Masses where the slope of Kroupa (2001, Eq. 2) changes [Msun]."""
KROUPA_SLOPES: Final = (0.3, 1.3, 2.3)
"""Its slopes below, between and above them."""
SMALL: Final = 1e-2
"""Below this exponent series stand in for quotients that become 0 / 0."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MassFunction:
    """Stars per unit mass, xi(m) ~ m^-slope between edges, continuous at the inner ones.

    Attributes:
        edges: masses that bound the k pieces, increasing, shape (k + 1,) [Msun].
        slopes: slope alpha of each piece, shape (k,); any number, 1 and 2 included.
    """

    edges: Float[Array, " k+1"]
    slopes: Float[Array, " k"]

    def pdf(self, m: ArrayLike) -> Float[Array, ...]:
        """Probability density of the mass.

        Args:
            m: mass [Msun], any shape.

        Returns:
            xi(m) [1/Msun], of that shape; its integral over the edges is 1, and 0 beyond them.
        """
        m = jnp.asarray(m)
        piece = self._piece(m)
        inside = (m >= self.edges[0]) & (m <= self.edges[-1])
        scale = jnp.where(inside, m, self.edges[0]) / self.edges[piece]
        density = self._heights()[piece] * scale ** -self.slopes[piece]
        return jnp.where(inside, density, 0.0) / self._weights(0.0).sum()

    def cdf(self, m: ArrayLike) -> Float[Array, ...]:
        """Fraction of the stars that are lighter.

        Args:
            m: mass [Msun], any shape.

        Returns:
            0 to 1, of that shape.
        """
        weights = self._weights(0.0)
        m = jnp.clip(jnp.asarray(m), self.edges[0], self.edges[-1])
        piece = self._piece(m)
        e = 1.0 - self.slopes[piece]
        width = jnp.log(self.edges[piece + 1] / self.edges[piece])
        share = jnp.log(m / self.edges[piece]) / width
        share *= _exprel(e * width * share) / _exprel(e * width)
        below = jnp.cumsum(weights) - weights
        return (below[piece] + weights[piece] * share) / weights.sum()

    def quantile(self, u: ArrayLike) -> Float[Array, ...]:
        """Inverse of `cdf`: the mass below which a fraction of the stars lies.

        Args:
            u: fraction, 0 to 1, any shape.

        Returns:
            m [Msun], of that shape; differentiable in `u`, in the edges and in the slopes.
        """
        weights = self._weights(0.0)
        weights = weights / weights.sum()
        above = jnp.cumsum(weights)
        u = jnp.asarray(u)
        piece = jnp.clip(jnp.searchsorted(above, u, side="right"), 0, len(self.slopes) - 1)
        share = jnp.clip((u - (above - weights)[piece]) / weights[piece], 0.0, 1.0)
        width = jnp.log(self.edges[piece + 1] / self.edges[piece])
        x = (1.0 - self.slopes[piece]) * width
        return self.edges[piece] * jnp.exp(width * _share_of_log(share, x))

    def sample(self, key: Array, shape: tuple[int, ...]) -> Float[Array, ...]:
        """Draw masses.

        Args:
            key: a random key.
            shape: how many.

        Returns:
            m [Msun], of `shape`.
        """
        return self.quantile(jax.random.uniform(key, shape, self.slopes.dtype))

    def moment(self, power: ArrayLike) -> Float[Array, ""]:
        """Mean of a power of the mass over all stars.

        Args:
            power: p, a number; 1 gives the mean mass.

        Returns:
            <m^p> [Msun^p].
        """
        return self._weights(power).sum() / self._weights(0.0).sum()

    def _piece(self, m: Array) -> Array:
        return jnp.clip(jnp.searchsorted(self.edges, m, side="right") - 1, 0, len(self.slopes) - 1)

    def _heights(self) -> Array:
        """The density at the lower edge of each piece, 1 at the first: it has no steps."""
        falls = (self.edges[1:-1] / self.edges[:-2]) ** -self.slopes[:-1]
        return jnp.concatenate([jnp.ones(1, falls.dtype), jnp.cumprod(falls)])

    def _weights(self, power: ArrayLike) -> Array:
        """Integrals of xi m^power over the pieces."""
        low, width = self.edges[:-1], jnp.log(self.edges[1:] / self.edges[:-1])
        e = 1.0 - self.slopes + power
        return self._heights() * low ** (1.0 + power) * width * _exprel(e * width)


def power_law(slope: ArrayLike, low: ArrayLike, high: ArrayLike) -> MassFunction:
    """A single power law.

    Args:
        slope: alpha of xi ~ m^-alpha; 2.35 is that of Salpeter (1955).
        low: least mass [Msun].
        high: largest mass [Msun].

    Returns:
        The mass function.
    """
    return MassFunction(
        jnp.stack([jnp.asarray(low), jnp.asarray(high)]) + 0.0, _floats(slope)[None]
    )


def kroupa(low: float = 0.1, high: float = 100.0, slopes: ArrayLike | None = None) -> MassFunction:
    """The broken power law of Kroupa (2001), Eq. 2.

    Args:
        low: least mass [Msun], >= 0.01; stars below 0.1 Msun have no collisions simulated.
        high: largest mass [Msun].
        slopes: the three slopes below 0.08, to 0.5 and above 0.5 Msun; Kroupa's where None.

    Returns:
        The mass function between these masses.

    Raises:
        ValueError: the masses are not 0.01 <= low < high.
    """
    if not 0.01 <= low < high:
        raise ValueError(f"low = {low}, high = {high}: needed are 0.01 <= low < high [Msun]")
    given = _floats(jnp.asarray(KROUPA_SLOPES) if slopes is None else slopes)
    breaks = [b for b in KROUPA_BREAKS if low < b < high]
    first = sum(b <= low for b in KROUPA_BREAKS)
    edges = np.array([low, *breaks, high])
    return MassFunction(jnp.asarray(edges, given.dtype), given[first : first + len(breaks) + 1])


def _floats(x: ArrayLike) -> Array:
    return jnp.asarray(x) + 0.0  # whole numbers as well


def _exprel(x: Array) -> Array:
    """(e^x - 1) / x, 1 at x = 0."""
    small = jnp.abs(x) < SMALL
    wide = jnp.where(small, 1.0, x)
    series = 1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0)))
    return jnp.where(small, series, jnp.expm1(wide) / wide)


def _share_of_log(u: Array, x: Array) -> Array:
    """ln(1 + u (e^x - 1)) / x: how far in ln m a share u of a piece reaches; u at x = 0."""
    small = jnp.abs(x) < SMALL
    wide = jnp.where(small, 1.0, x)
    v = u * (1.0 - u)
    d = 1.0 - 2.0 * u
    # Cumulants of a coin that shows 1 with probability u: its generating function in x.
    series = u + x / 2.0 * (v + x / 3.0 * (v * d + x / 4.0 * (v * (1.0 - 6.0 * v))))
    return jnp.where(small, series, jnp.log1p(u * jnp.expm1(wide)) / wide)
