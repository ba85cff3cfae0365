"""What a dynamical code does with a collision: ask the surrogate, or an older rule.

A rule takes encounters and leaves remnants. Rules are pytrees: they go through `jit` as arguments,
so that one compiled cluster or N-body run serves every model of a kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import jax
import jax.numpy as jnp

from surrogate.collisions.baselines import Remnants, collide
from surrogate.collisions.encounter import Encounter, Fate
from surrogate.collisions.predictor import CollisionModel


class Rule(Protocol):
    """What is left of encounters."""

    def __call__(self, encounter: Encounter) -> Remnants:
        """Remnants of `encounter`, each field with its broadcast shape; traceable.

        A merger product stands with the heavier star; a fate of -1 and NaN masses mark encounters
        that have no meaning.
        """
        ...


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Surrogate:
    """The most probable outcome by a trained model.

    Attributes:
        model: what `surrogate.load` returns; `"fast"` is made for this.
    """

    model: CollisionModel

    def __call__(self, encounter: Encounter) -> Remnants:
        """See `Rule`."""
        out = self.model(encounter, check=False)
        return Remnants(out.fate, out.m1_final, out.m2_final, out.m_unbound)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Baseline:
    """An older rule: stars that touch merge, and a fit says what is lost.

    `Baseline()` are sticky spheres. `Baseline(below_escape_speed=True)` has no mass loss either,
    but stars faster than the escape speed at contact pass each other unharmed.

    Attributes:
        name: a key of `surrogate.collisions.baselines.BASELINES`.
        below_escape_speed: merge only below the escape speed at contact.
    """

    name: str = field(default="sticky", metadata={"static": True})
    below_escape_speed: bool = field(default=False, metadata={"static": True})

    def __call__(self, encounter: Encounter) -> Remnants:
        """See `Rule`."""
        e = encounter
        return collide(
            self.name,
            *(e.age, e.m1, e.m2, e.rp, e.vinf, e.r1, e.r2, e.age2),
            below_escape_speed=self.below_escape_speed,
        )


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Unharmed:
    """No collision changes anything: what a code does that ignores them."""

    def __call__(self, encounter: Encounter) -> Remnants:
        """See `Rule`."""
        m1, m2, _ = jnp.broadcast_arrays(encounter.m1, encounter.m2, encounter.rp)
        return Remnants(jnp.full(m1.shape, int(Fate.TWO), jnp.int32), m1, m2, jnp.zeros_like(m1))
