"""Rules that tests choose the outcome of."""

import jax.numpy as jnp

from surrogate.collisions.baselines import Remnants


def leaves(fate, *fractions):
    """A rule that leaves fractions of the stars' masses."""

    def rule(e):
        m1, m2 = (f * m for f, m in zip(fractions, (e.m1, e.m2), strict=True))
        return Remnants(jnp.full(m1.shape, int(fate)), m1, m2, e.m1 + e.m2 - m1 - m2)

    return rule
