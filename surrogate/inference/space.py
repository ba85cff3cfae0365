"""Encounters within bounds, some fields fixed, as points of a space without bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions.encounter import Encounter
from surrogate.collisions.inputs import ALLOWED
from surrogate.collisions.structure import StellarModel
from surrogate.hints import did_you_mean

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float

FIELDS: Final = ("age", "m1", "m2", "vinf")
PERICENTRES: Final = ("rp", "depth")
"""Either of these is needed: the pericentre [Rsun], or its share of R1 + R2."""
UNITS: Final = {"age": "Gyr", "m1": "Msun", "m2": "Msun", "vinf": "km/s", "rp": "Rsun", "depth": ""}
LOGARITHMIC: Final = ("m1", "m2", "vinf")


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Space:
    """Encounters of which some fields are fixed; a pytree. Made by `make_space`.

    Attributes:
        fixed: values of the fixed fields.
        low: least values of the free ones.
        high: greatest ones.
        logarithmic: whether a field is searched in its logarithm.
        names: of the free fields, in the order of the coordinates.
    """

    fixed: dict[str, Float[Array, ""]]
    low: Float[Array, " free"]
    high: Float[Array, " free"]
    logarithmic: Bool[Array, " free"]
    names: tuple[str, ...] = field(metadata={"static": True})

    def values(self, x: Float[Array, "*batch free"]) -> Float[Array, "*batch free"]:
        """Values of the free fields at points x; any x lies within the bounds."""
        u = jax.nn.sigmoid(x)
        low = jnp.where(self.logarithmic, self.low, 1.0)
        ratio = jnp.where(self.logarithmic, self.high / low, 1.0)
        return jnp.where(self.logarithmic, low * ratio**u, self.low + (self.high - self.low) * u)

    def encounter(self, values: Float[Array, "*batch free"], stars: StellarModel) -> Encounter:
        """The encounters with these values of the free fields.

        Args:
            values: of the free fields.
            stars: gives the radii where the depth is known; `model.stars`.
        """
        shape = values.shape[:-1]
        fields = {k: jnp.broadcast_to(v, shape) for k, v in self.fixed.items()}
        fields |= {k: values[..., i] for i, k in enumerate(self.names)}
        if "depth" in fields:
            radii = (stars.radius(fields[m], fields["age"]) for m in ("m1", "m2"))
            fields["rp"] = fields.pop("depth") * sum(radii)
        return Encounter(**fields)


def make_space(fixed: Mapping[str, float], free: Mapping[str, tuple[float, float]]) -> Space:
    """Check fields and bounds.

    Args:
        fixed: values of fields: age [Gyr], m1, m2 [Msun], rp [Rsun] or depth rp / (R1 + R2),
            vinf [km/s].
        free: bounds of the others.

    Raises:
        ValueError: a field is unknown, missing, given twice or out of range; names it.
    """
    given = [*fixed, *free]
    known = (*FIELDS, *PERICENTRES)
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ValueError(
                f"{name!r} is no field: allowed are {', '.join(known)}. {hint}".strip()
            )
        if given.count(name) > 1:
            raise ValueError(f"{name} is both fixed and free: give it once")
    missing = [name for name in FIELDS if name not in given]
    if sum(name in given for name in PERICENTRES) != 1:
        missing.append("one of rp and depth")
    if missing:
        raise ValueError(f"{', '.join(missing)}: give a value in fixed or bounds in free")
    if not free:
        raise ValueError("free: nothing is free; give the bounds of one field or more")
    for name, value in fixed.items():
        _check(name, value, value)
    for name, bounds in free.items():
        if np.shape(bounds) != (2,) or not bounds[0] < bounds[1]:
            raise ValueError(f"free[{name!r}] = {bounds}: needed are two bounds, low < high")
        _check(name, *bounds)
        if name in LOGARITHMIC and bounds[0] <= 0:
            raise ValueError(f"free[{name!r}] = {bounds}: searched in its logarithm; needs low > 0")
    low, high = (jnp.float32([bounds[i] for bounds in free.values()]) for i in range(2))
    logarithmic = jnp.array([name in LOGARITHMIC for name in free])
    values = {k: jnp.float32(v) for k, v in fixed.items()}
    return Space(values, low, high, logarithmic, tuple(free))


def _check(name: str, low: float, high: float) -> None:
    allowed = ALLOWED["rp" if name == "depth" else name]
    for value in (low, high):
        if not allowed.accepts(np.asarray(value, float)):
            raise ValueError(f"{name} = {value:g}: allowed is {allowed}")
