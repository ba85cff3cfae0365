"""The nouns of the package: an encounter of two stars goes in, an outcome comes out."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array, Bool, Float, Int


class Regime(IntEnum):
    """What kind of encounter it is (Gonzalez Prieto et al. 2026, Fig. 9)."""

    COLLISION = 0
    """The surfaces touch: r_p <= R1 + R2."""
    CAPTURE = 1
    """Tides dissipate more than the orbital energy: the stars bind and merge."""
    FLYBY = 2
    """The stars pass each other unchanged."""


class Fate(IntEnum):
    """Who survives, in the labels of the paper (its section 3)."""

    NONE = 0
    """Both stars are destroyed."""
    MERGER = 1
    """One star is left, made of both."""
    TWO = 2
    """Both stars survive."""
    STRIPPED = 3
    """One star survives, stripped; the other is destroyed."""


class Domain(IntFlag):
    """Why an answer is not to be trusted; 0 where it is. Reasons add up."""

    INSIDE = 0
    INVALID = 1
    """An input is NaN, infinite, or has no physical meaning (a negative mass)."""
    MASS = 2
    """A mass lies outside the simulated 0.2-64 Msun."""
    PRE_ZAMS = 4
    """A star has not yet reached the zero-age main sequence."""
    POST_TAMS = 8
    """A star is older than its terminal-age main sequence by more than 10 per cent."""
    VELOCITY = 16
    """The velocity at infinity exceeds the simulated 16,000 km/s."""
    RADIUS = 32
    """A radius given by the user differs from the structure model's by more than a factor 2."""


class Encounter(NamedTuple):
    """Two main-sequence stars about to meet. Fields broadcast against each other."""

    age: ArrayLike
    """Age of both stars [Gyr]."""
    m1: ArrayLike
    """Mass of star 1 [Msun]."""
    m2: ArrayLike
    """Mass of star 2 [Msun]; either star may be the heavier."""
    rp: ArrayLike
    """Pericentre of the two-body orbit [Rsun]."""
    vinf: ArrayLike
    """Relative velocity at infinity [km/s]."""
    r1: ArrayLike | None = None
    """Radius of star 1 [Rsun]; from the structure model where None."""
    r2: ArrayLike | None = None
    """Radius of star 2 [Rsun]; from the structure model where None."""


class Outcome(NamedTuple):
    """What is left of an encounter. Every field has the broadcast shape of the inputs."""

    regime: Int[Array, ...]
    """A `Regime`."""
    fate: Int[Array, ...]
    """A `Fate`: the most probable one."""
    p_none: Float[Array, ...]
    """Probability that no star survives."""
    p_merger: Float[Array, ...]
    """Probability of a merger."""
    p_two: Float[Array, ...]
    """Probability that both stars survive."""
    p_stripped: Float[Array, ...]
    """Probability that one stripped star survives."""
    m1_final: Float[Array, ...]
    """Final mass of star 1 [Msun]; a merger product stands with the heavier star."""
    m2_final: Float[Array, ...]
    """Final mass of star 2 [Msun]."""
    m_unbound: Float[Array, ...]
    """Mass bound to neither star [Msun]."""
    in_domain: Bool[Array, ...]
    """Whether the answer lies within what was simulated."""
    reason: Int[Array, ...]
    """A `Domain`: why not, 0 where it does."""
