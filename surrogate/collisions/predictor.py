"""The trained collision model: `load()` it, call it on encounters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions import inputs, pipeline
from surrogate.collisions.encounter import Encounter, Outcome
from surrogate.collisions.models import DEFAULT_MODEL, MODELS
from surrogate.collisions.pair import Pair
from surrogate.collisions.pipeline import Smoothing
from surrogate.collisions.prediction import Networks, Prediction
from surrogate.collisions.predictive import Predictive, predictive
from surrogate.collisions.structure import StellarModel, main_sequence
from surrogate.collisions.tides import Argument, Cutoff
from surrogate.learning.checkpoints import load_model, shipped

if TYPE_CHECKING:
    from jax.typing import ArrayLike

Answer = TypeVar("Answer", Outcome, Predictive)
"""What is asked for: one outcome, or every way to end."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class CollisionModel:
    """A trained model of collisions of two main-sequence stars.

    It is a pytree: it can be closed over or passed through `jit`, `vmap` and `grad`.

    Attributes:
        networks: arrays of each network by name.
        stars: radii and main-sequence ages.
        kind: a key of `MODELS`.
        argument: at what the tidal fits are evaluated.
        cutoff: how tidal dissipation ends at eta = 10.
    """

    networks: Networks
    stars: StellarModel
    kind: str = field(default=DEFAULT_MODEL, metadata={"static": True})
    argument: Argument = field(default=Argument.ZETA, metadata={"static": True})
    cutoff: Cutoff = field(default=Cutoff.TAPER, metadata={"static": True})

    @overload
    def __call__(
        self, encounter: Encounter, /, *, smooth: bool | Smoothing = ..., check: bool = ...
    ) -> Outcome: ...

    @overload
    def __call__(
        self,
        age: ArrayLike,
        m1: ArrayLike,
        m2: ArrayLike,
        rp: ArrayLike,
        vinf: ArrayLike,
        r1: ArrayLike | None = ...,
        r2: ArrayLike | None = ...,
        age2: ArrayLike | None = ...,
        rh1: ArrayLike | None = ...,
        rh2: ArrayLike | None = ...,
        *,
        smooth: bool | Smoothing = ...,
        check: bool = ...,
    ) -> Outcome: ...

    def __call__(
        self, *args: Any, smooth: bool | Smoothing = False, check: bool = True, **fields: Any
    ) -> Outcome:
        """What is left when two stars meet.

        Takes an `Encounter`, or its fields. Fields broadcast against each other; scalars and
        arrays of any shape will do.

        Args:
            *args: age of both stars [Gyr], 0 to 15; masses m1 and m2 [Msun], 0.1 to 100, either
                of which may be the heavier; pericentre rp [Rsun] and relative velocity at
                infinity vinf [km/s], not negative; optionally the radii r1 and r2 [Rsun], both
                or neither, which otherwise come from the structure model; the age of star 2,
                age2, where it is another one; and the half-mass radii rh1 and rh2 [Rsun], beside
                the radii, of stars that are no scaled main-sequence stars.
            smooth: False is the published flowchart; True, or the widths of its gates, gives
                expected masses that are differentiable across contact, capture and fates.
            check: raise on inputs that have no meaning. Under `jit`, `vmap` and `grad` values
                cannot be read, so there, as with False, `reason` tells instead.
            **fields: the same by name.

        Returns:
            The outcome, each field with the broadcast shape of the inputs.

        Raises:
            ValueError: a value is NaN or outside its range, shapes do not match, or one radius
                is given without those that it needs.
        """
        encounter = self._prepare(args, fields, check)
        return _answer(pipeline.run, self, encounter, _widths(smooth))

    def predictive(
        self, *args: Any, smooth: Smoothing | None = None, check: bool = True, **fields: Any
    ) -> Predictive:
        """Every way in which an encounter may end: what a likelihood is made of.

        Args:
            *args: an `Encounter` or its fields, as in a call of the model.
            smooth: widths of the gates between collision, capture and fly-by.
            check: raise on inputs that have no meaning, where values can be read.
            **fields: the same by name.

        Returns:
            Probability, masses and their scales for each `Way`, differentiable in every field;
            NaN where an input is invalid.

        Raises:
            ValueError: as in a call; or the model does not say how sure it is.
        """
        encounter = self._prepare(args, fields, check)
        return _answer(predictive, self, encounter, smooth or Smoothing())

    def _prepare(self, args: tuple[Any, ...], fields: dict[str, Any], check: bool) -> Encounter:
        """The encounter, its fields arrays of one shape and one float type."""
        if any(isinstance(x, Encounter) for x in args):
            if len(args) > 1 or fields:
                raise TypeError("give an Encounter or its fields, not both")
            encounter = args[0]
        else:
            encounter = Encounter(*args, **fields)
        _check_radii(encounter)
        if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves((encounter, self))):
            return _same_shape(encounter, jnp)
        arrays = _same_shape(encounter, np)
        if check:
            inputs.check({k: v for k, v in arrays._asdict().items() if v is not None})
        return arrays


def load(
    name: str = DEFAULT_MODEL,
    *,
    path: str | Path | None = None,
    stars: StellarModel | None = None,
    argument: Argument = Argument.ZETA,
    cutoff: Cutoff = Cutoff.TAPER,
) -> CollisionModel:
    """Load a trained collision model.

    Args:
        name: "ensemble" (the most accurate; says how sure it is), "fast" (distilled from it, for
            N-body codes), or a published model: "separate" (classifier and regressor) or "mixture"
            (mixture of experts).
        path: folder that holds the model's networks; the shipped ones where None.
        stars: another structure model, such as `load_posydon` returns.
        argument: at what the tidal fits are evaluated.
        cutoff: how tidal dissipation ends at eta = 10; the published tool has a step.

    Returns:
        The model.

    Raises:
        ValueError: no such model, or a checkpoint is missing or damaged.
    """
    if name not in MODELS:
        raise ValueError(f"model = {name!r}: allowed are {', '.join(MODELS)}")
    folder = shipped_checkpoints() if path is None else Path(path)
    networks = {}
    for part in MODELS[name].parts:
        arrays, card = load_model(folder / part)
        features = list(MODELS[name].features)
        if card.get("network") != part or card.get("features") != features:
            raise ValueError(
                f"{folder / part} holds network {card.get('network')!r} on features "
                f"{card.get('features')}; needed is {part!r} on {features}"
            )
        networks[part] = {k: jnp.asarray(v) for k, v in arrays.items()}
    # On the device once, not at every call.
    structure = jax.tree.map(jnp.asarray, stars or main_sequence())
    return CollisionModel(networks, structure, name, Argument(argument), Cutoff(cutoff))


def shipped_checkpoints() -> Path:
    """Folder of the collision checkpoints: inside an installed package, beside it in a clone."""
    return shipped("collisions")


def _check_radii(e: Encounter) -> None:
    if (e.r1 is None) != (e.r2 is None):
        raise ValueError("r1 and r2: give the radii of both stars, or of neither")
    if (e.rh1 is None) != (e.rh2 is None):
        raise ValueError("rh1 and rh2: give the half-mass radii of both stars, or of neither")
    if e.rh1 is not None and e.r1 is None:
        raise ValueError("rh1 and rh2: half-mass radii need the radii r1 and r2 beside them")


def _widths(smooth: bool | Smoothing) -> Smoothing | None:
    if isinstance(smooth, Smoothing):
        for name, width in smooth._asdict().items():
            if not isinstance(width, jax.core.Tracer) and not np.all(np.asarray(width) > 0):
                raise ValueError(f"smooth: {name} = {width}, allowed are widths > 0")
        return smooth
    if not isinstance(smooth, (bool, np.bool_)):
        raise TypeError(
            f"smooth = {smooth!r}: allowed are True, False or a Smoothing; under jit, close over it"
        )
    return Smoothing() if smooth else None


def _same_shape(encounter: Encounter, xp: Any) -> Encounter:
    """Fields as arrays of one shape and one float type: a trace serves every style of call."""
    values = {k: v for k, v in encounter._asdict().items() if v is not None}
    for name, value in values.items():
        if not isinstance(value, jax.core.Tracer):
            values[name] = _numeric(name, value)
    # Python numbers and whole numbers take float32; float64 stays only where x64 is enabled.
    dtype = jnp.result_type(jnp.float32, *values.values())
    try:
        arrays = xp.broadcast_arrays(*(xp.asarray(v, dtype) for v in values.values()))
    except ValueError as error:
        shapes = ", ".join(f"{k} {np.shape(v)}" for k, v in values.items())
        raise ValueError(f"lengths do not match: {shapes}") from error
    return encounter._replace(**dict(zip(values, arrays, strict=True)))


def _numeric(name: str, value: Any) -> Any:
    if isinstance(value, (int, float, jax.Array)):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} = {value!r}: allowed are numbers")
    return array


@partial(jax.jit, static_argnums=0)
def _answer(
    ask: Callable[..., Answer],
    model: CollisionModel,
    encounter: Encounter,
    smoothing: Smoothing | None,
) -> Answer:
    shape = jnp.shape(encounter.m1)
    flat = jax.tree.map(lambda x: x.reshape(-1) if shape else x, encounter)

    def predict(pair: Pair) -> Prediction:
        return MODELS[model.kind].predict(model.networks, pair, smoothing)

    def run(block: Encounter) -> Answer:
        return ask(predict, model.stars, block, smoothing, model.argument, model.cutoff)

    answer = _in_blocks(run, flat, MODELS[model.kind].block)
    return jax.tree.map(lambda x: x.reshape(*shape, *x.shape[1:]) if shape else x, answer)


def _in_blocks(run: Callable[[Encounter], Answer], encounter: Encounter, block: int) -> Answer:
    n = jnp.size(encounter.m1)
    if n <= block:
        return run(encounter)
    blocks = -(-n // block)
    # Filled up by repeating the last encounter, which has an answer.
    padded = jax.tree.map(
        lambda x: jnp.pad(x, (0, blocks * block - n), mode="edge").reshape(blocks, block),
        encounter,
    )
    # A gradient computes a block again rather than fetch its activations from memory.
    answer = jax.lax.map(jax.checkpoint(run), padded)
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:n], answer)
