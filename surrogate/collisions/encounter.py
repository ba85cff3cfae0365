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
    STRUCTURE = 64
    """A star is unlike every simulated one: its out-of-domain score exceeds 1."""


class Encounter(NamedTuple):
    """Two main-sequence stars about to meet. Fields broadcast against each other."""

    age: ArrayLike
    """Age of both stars, or of star 1 where `age2` is given [Gyr]."""
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
    age2: ArrayLike | None = None
    """Age of star 2 [Gyr]; that of star 1 where None."""
    rh1: ArrayLike | None = None
    """Half-mass radius of star 1 [Rsun], beside `r1`; where None, star 1 is a scaled
    main-sequence star."""
    rh2: ArrayLike | None = None
    """Half-mass radius of star 2 [Rsun]."""


class Bounds(NamedTuple):
    """Intervals that hold a final mass with 68 and 95 per cent probability [Msun]."""

    low68: Float[Array, ...]
    high68: Float[Array, ...]
    low95: Float[Array, ...]
    high95: Float[Array, ...]


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
    """Probability that one stripped star survives: p_survivor1 + p_survivor2."""
    p_survivor1: Float[Array, ...]
    """Probability that star 1 alone survives, stripped."""
    p_survivor2: Float[Array, ...]
    """Probability that star 2 alone survives, stripped."""
    m1_final: Float[Array, ...]
    """Final mass of star 1 [Msun]; a merger product stands with the heavier star."""
    m2_final: Float[Array, ...]
    """Final mass of star 2 [Msun]."""
    m_unbound: Float[Array, ...]
    """Mass bound to neither star [Msun]."""
    m1_bounds: Bounds
    """Intervals of `m1_final`; NaN from a model that does not say how sure it is."""
    m2_bounds: Bounds
    """Intervals of `m2_final`."""
    unbound_bounds: Bounds
    """Intervals of `m_unbound`."""
    ood: Float[Array, ...]
    """How far the stars and their speed are from the simulated ones: 0 at one of them, 1 a factor
    of 2 away in mass or size."""
    in_domain: Bool[Array, ...]
    """Whether the answer lies within what was simulated."""
    reason: Int[Array, ...]
    """A `Domain`: why not, 0 where it does."""
