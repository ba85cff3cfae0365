"""Design of encounters: find those that leave what you wish for, by gradients of the surrogate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from surrogate.collisions.encounter import Encounter, Outcome
from surrogate.collisions.predictive import Predictive, Way
from surrogate.collisions.predictor import CollisionModel, load
from surrogate.inference.space import UNITS, Space, make_space
from surrogate.inference.wish import MASSES, Wish

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Key

RATE: Final = 0.1
"""Largest step of Adam in the coordinates of the space."""
CHUNK: Final = 50
"""Steps between two reports."""
LEAST_PROBABILITY: Final = 1e-9
"""Added to probabilities: their logarithm stays finite."""
APART: Final = 0.1
"""Solutions are told apart where some field differs by this share of its bounds."""


class Design(NamedTuple):
    """Encounters that give what was wished for, those first that the judge grants."""

    encounter: Encounter
    """Fields of shape (n,)."""
    probability: Float[Array, " n"]
    """Of the wished way."""
    masses: Float[Array, "n 3"]
    """Final masses of star 1, of star 2 and unbound, if it ends so [Msun]."""
    scale: Float[Array, "n 3"]
    """Half-widths of their 68 per cent intervals [Msun]."""
    free: tuple[str, ...]
    """Names of the fields that were free."""
    values: Float[Array, "n free"]
    """Their values."""
    sensitivity: Float[Array, "n 3 free"]
    """Slope of each mass in each free field [Msun per unit of the field]."""
    leeway: Float[Array, "n free"]
    """How far a field may be off before a wished mass leaves its tolerance, to first order;
    infinite where no mass was wished for."""
    blur: Float[Array, "n free"]
    """How far off a field may be because the model does not know the wished masses better: scale
    over slope, of the mass that tells most."""
    outcome: Outcome
    """What the judge says in the hard mode, with bounds, `ood` and `in_domain`."""
    granted: Bool[np.ndarray, " n"]
    """Whether the judge agrees: the same stars survive, with masses within the tolerances, inside
    the domain."""


def design(
    model: CollisionModel,
    wish: Wish,
    *,
    fixed: Mapping[str, float],
    free: Mapping[str, tuple[float, float]],
    key: Key[Array, ""],
    starts: int = 256,
    steps: int = 400,
    most: int = 8,
    judge: CollisionModel | None = None,
    report: Callable[[int, int, float], None] | None = None,
) -> Design:
    """Find encounters that give what is wished for.

    Adam climbs from many random starts at once, within the bounds. A judge looks at those that
    arrive, and the ones that differ are kept.

    Args:
        model: finds them; "ensemble" or "fast".
        wish: what they should leave.
        fixed: values of fields of the encounter: age [Gyr], m1, m2 [Msun], rp [Rsun] or depth
            rp / (R1 + R2), vinf [km/s].
        free: bounds of the other fields. Speeds and masses are searched in their logarithms.
        key: random key.
        starts: how many climbers.
        steps: of each, in whole chunks of 50.
        most: solutions to keep.
        judge: checks them in the hard mode; the ensemble where None.
        report: told steps done, steps in all and the least loss so far, after each chunk.

    Returns:
        One solution or more.

    Raises:
        ValueError: a field is missing, given twice or out of range; or no climber arrived, with
            how near the best one came.
    """
    wish.check()
    space = make_space(fixed, free)
    x = jax.random.uniform(key, (starts, len(space.names)), minval=-2.0, maxval=2.0)
    x, loss = _climb(model, space, wish, x, steps, report)
    said, encounter = _look(model, space, x)
    fulfilled = wish.fulfilled(said)
    if not fulfilled.any():
        raise ValueError(_how_near(wish, space, space.values(x), said, int(np.nanargmin(loss))))
    outcome = (judge or load())(encounter, check=False)
    granted = wish.granted(outcome)
    # Granted ones first, then by their loss.
    order = np.lexsort((loss, ~granted))
    kept = _apart(np.asarray(jax.nn.sigmoid(x)), order[fulfilled[order]], most)
    chosen = jax.tree.map(lambda a: a[kept], (said, encounter, outcome))
    # As many for every wish: slopes are compiled once.
    padded = np.pad(kept, (0, most - len(kept)), mode="edge")
    slopes = _slopes(model, space, space.values(x[padded]))[: len(kept), wish.way]
    return _describe(space, wish, space.values(x[kept]), slopes, granted[kept], *chosen)


def _climb(
    model: CollisionModel,
    space: Space,
    wish: Wish,
    x: Float[Array, "starts free"],
    steps: int,
    report: Callable[[int, int, float], None] | None,
) -> tuple[Array, np.ndarray]:
    """Where the climbers end, and their loss."""
    state = optax.scale_by_adam().init(x)
    aim = (jnp.int32(wish.way), *wish.targets())
    chunks = -(-steps // CHUNK)
    for k in range(chunks):
        # From large steps to small ones.
        rate = RATE * 0.5 * (1.0 + np.cos(np.pi * k / chunks))
        x, state, loss = _chunk(model, space, aim, x, state, jnp.float32(rate))
        if report is not None:
            report((k + 1) * CHUNK, chunks * CHUNK, float(jnp.nanmin(loss)))
    return x, np.asarray(loss)


@jax.jit
def _chunk(
    model: CollisionModel,
    space: Space,
    aim: tuple[Array, Array, Array],
    x: Float[Array, "starts free"],
    state: Any,
    rate: Float[Array, ""],
) -> tuple[Array, Any, Array]:
    def step(carry: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], Array]:
        x, state = carry
        slope, loss = jax.grad(lambda x: _losses(model, space, aim, x), has_aux=True)(x)
        change, state = optax.scale_by_adam().update(slope, state)
        return (x - rate * change, state), loss

    (x, state), losses = jax.lax.scan(step, (x, state), None, CHUNK)
    return x, state, losses[-1]


def _losses(
    model: CollisionModel, space: Space, aim: tuple[Array, Array, Array], x: Array
) -> tuple[Float[Array, ""], Float[Array, " starts"]]:
    """Sum, and each, of -ln P(way) + sum of ((mass - wished) / tolerance)^2 / 2."""
    way, target, tolerance = aim
    said = model.predictive(space.encounter(space.values(x), model.stars), check=False)
    off = (jnp.take(said.masses, way, axis=-2) - target) / tolerance
    p = jnp.take(said.probability, way, axis=-1)
    loss = 0.5 * jnp.sum(off**2, axis=-1) - jnp.log(p + LEAST_PROBABILITY)
    return loss.sum(), loss


@jax.jit
def _look(model: CollisionModel, space: Space, x: Array) -> tuple[Predictive, Encounter]:
    encounter = space.encounter(space.values(x), model.stars)
    return model.predictive(encounter, check=False), encounter


def _apart(places: Float[np.ndarray, "starts free"], order: np.ndarray, most: int) -> np.ndarray:
    """Of points in order of preference, those that lie apart from all before them."""
    kept: list[int] = []
    for i in order:
        if len(kept) == most:
            break
        if all(np.abs(places[i] - places[j]).max() > APART for j in kept):
            kept.append(int(i))
    return np.array(kept)


def _describe(
    space: Space,
    wish: Wish,
    values: Float[Array, "n free"],
    slopes: Float[Array, "n 3 free"],
    granted: np.ndarray,
    said: Predictive,
    encounter: Encounter,
    outcome: Outcome,
) -> Design:
    scale = said.scale[:, wish.way]
    _, tolerance = wish.targets()
    wished = jnp.isfinite(tolerance)[:, None]
    steep = jnp.abs(slopes)
    leeway = jnp.where(wished, tolerance[:, None] / steep, jnp.inf).min(axis=1)
    blur = jnp.where(wished, scale[:, :, None] / steep, jnp.inf).min(axis=1)
    return Design(
        encounter,
        said.probability[:, wish.way],
        said.masses[:, wish.way],
        scale,
        space.names,
        values,
        slopes,
        leeway,
        blur,
        outcome,
        granted,
    )


@jax.jit
def _slopes(
    model: CollisionModel, space: Space, values: Float[Array, "n free"]
) -> Float[Array, "n 7 3 free"]:
    """Slopes of all masses of all ways in the free fields."""

    def masses(values: Array) -> Array:
        return model.predictive(space.encounter(values, model.stars), check=False).masses

    directions = jnp.eye(len(space.names), dtype=values.dtype)
    each = [jax.jvp(masses, (values,), (jnp.broadcast_to(e, values.shape),))[1] for e in directions]
    return jnp.stack(each, axis=-1)


def _how_near(wish: Wish, space: Space, values: Array, said: Predictive, best: int) -> str:
    way = Way(wish.way)
    p = float(said.probability[best, way])
    masses = ", ".join(
        f"{name} = {float(said.masses[best, way, MASSES.index(name)]):.4g} Msun "
        f"(wished: {m:g} +- {t:g})"
        for name, (m, t) in wish.masses.items()
    )
    place = ", ".join(
        f"{k} = {float(v):.4g} {UNITS[k]}".strip()
        for k, v in zip(space.names, values[best], strict=True)
    )
    return (
        f"no encounter within the bounds gives {way.name} with probability {wish.probability:g} or "
        f"more and what else is wished for. The nearest, at {place}: probability {p:.3g}"
        f"{', ' + masses if masses else ''}. Widen bounds or tolerances, free another field, ask "
        "for less probability, or try more starts"
    )
