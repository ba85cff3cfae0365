"""What an encounter should leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Fate, Outcome
from surrogate.collisions.predictive import Predictive, Way
from surrogate.hints import did_you_mean

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float

MASSES: Final = ("m1_final", "m2_final", "m_unbound")
"""Masses that can be wished for, in the order of `Predictive.masses`."""
FATES: Final = {
    Way.NONE: Fate.NONE,
    Way.MERGER: Fate.MERGER,
    Way.TWO: Fate.TWO,
    Way.FIRST: Fate.STRIPPED,
    Way.SECOND: Fate.STRIPPED,
    Way.CAPTURE: Fate.MERGER,
    Way.FLYBY: Fate.TWO,
}
"""What the hard mode calls each way."""


class Wish(NamedTuple):
    """What an encounter should leave."""

    way: Way
    """How it should end."""
    masses: Mapping[str, tuple[float, float]]
    """Wished mass and its tolerance [Msun] by name: any of `MASSES`; a merger product stands with
    the heavier star."""
    probability: float = 0.9
    """The least that the way should have."""

    def check(self) -> None:
        """Raise a ValueError where the wish has no meaning."""
        if not 0.0 < self.probability < 1.0:
            raise ValueError(f"probability = {self.probability}: allowed is above 0 and below 1")
        for name, pair in self.masses.items():
            if name not in MASSES:
                hint = did_you_mean(name, MASSES)
                raise ValueError(f"{name!r}: allowed are {', '.join(MASSES)}. {hint}".strip())
            if np.shape(pair) != (2,) or not pair[0] >= 0.0 or not pair[1] > 0.0:
                raise ValueError(
                    f"masses[{name!r}] = {pair}: needed are a mass >= 0 and a tolerance > 0 [Msun]"
                )

    def targets(self) -> tuple[Float[Array, " 3"], Float[Array, " 3"]]:
        """Wished masses and tolerances [Msun] by `MASSES`; infinite where any will do."""
        pairs = [self.masses.get(name, (0.0, np.inf)) for name in MASSES]
        return jnp.float32([m for m, _ in pairs]), jnp.float32([t for _, t in pairs])

    def fulfilled(self, said: Predictive) -> Bool[np.ndarray, " n"]:
        """Whether encounters end so, with masses within the tolerances, in the smooth mode."""
        target, tolerance = self.targets()
        near = np.abs(said.masses[..., self.way, :] - target) <= tolerance
        return near.all(axis=-1) & (np.asarray(said.probability[..., self.way]) >= self.probability)

    def granted(self, outcome: Outcome) -> Bool[np.ndarray, " n"]:
        """Whether encounters end so in the hard mode, inside the domain."""
        target, tolerance = self.targets()
        masses = np.stack([np.asarray(getattr(outcome, name)) for name in MASSES], axis=-1)
        near = (np.abs(masses - np.asarray(target)) <= np.asarray(tolerance)).all(axis=-1)
        right = np.asarray(outcome.fate) == FATES[self.way]
        if self.way in (Way.FIRST, Way.SECOND):
            right &= masses[..., self.way - Way.FIRST] > 0.0
        return near & right & np.asarray(outcome.in_domain)
