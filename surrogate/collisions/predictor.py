"""The trained collision model: `load()` it, call it on encounters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.collisions import inputs, pipeline
from surrogate.collisions.encounter import Encounter, Outcome
from surrogate.collisions.features import Standardiser, published_features
from surrogate.collisions.networks import network
from surrogate.collisions.pipeline import Prediction, Smoothing
from surrogate.collisions.structure import MainSequence, StellarModel, main_sequence
from surrogate.collisions.tides import Argument, Cutoff
from surrogate.learning.checkpoints import load_model

if TYPE_CHECKING:
    from jax.typing import ArrayLike
    from jaxtyping import Array

Arrays = Mapping[str, "ArrayLike"]

MODELS = {"separate": ("classifier", "regressor"), "mixture": ("mixture",)}
"""Every registered model by its name, and the networks that it consists of."""

DEFAULT_MODEL = "separate"
"""The separate networks err less than the mixture of experts (Table 6)."""

BLOCK = 2048
"""Encounters that go through the networks at once, so that activations stay in cache."""


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

    networks: dict[str, dict[str, Array]]
    stars: StellarModel
    kind: str = field(default=DEFAULT_MODEL, metadata={"static": True})
    argument: Argument = field(default=Argument.ZETA, metadata={"static": True})
    cutoff: Cutoff = field(default=Cutoff.TAPER, metadata={"static": True})

    def __call__(
        self,
        age: ArrayLike | Encounter,
        m1: ArrayLike | None = None,
        m2: ArrayLike | None = None,
        rp: ArrayLike | None = None,
        vinf: ArrayLike | None = None,
        r1: ArrayLike | None = None,
        r2: ArrayLike | None = None,
        *,
        smooth: bool | Smoothing = False,
        check: bool = True,
    ) -> Outcome:
        """What is left when two stars meet.

        Arguments broadcast against each other; scalars and arrays of any shape will do. An
        `Encounter` may stand in place of the first seven.

        Args:
            age: age of both stars [Gyr], 0 to 15.
            m1: mass of star 1 [Msun], 0.1 to 100.
            m2: mass of star 2 [Msun], 0.1 to 100; either may be the heavier.
            rp: pericentre [Rsun], not negative.
            vinf: relative velocity at infinity [km/s], not negative.
            r1: radius of star 1 [Rsun]; from the structure model where None.
            r2: radius of star 2 [Rsun]; give both radii or none.
            smooth: False is the published flowchart; True, or the widths of its gates, gives
                expected masses that are differentiable across contact, capture and fates.
            check: raise on inputs that have no meaning. Under `jit`, `vmap` and `grad` values
                cannot be read, so there, as with False, `reason` tells instead.

        Returns:
            The outcome, each field with the broadcast shape of the arguments.

        Raises:
            ValueError: a value is NaN or outside its range, shapes do not match, an argument is
                missing, or one radius is given without the other.
        """
        encounter = _complete(
            age if isinstance(age, Encounter) else Encounter(age, m1, m2, rp, vinf, r1, r2)
        )
        smoothing = (Smoothing() if smooth else None) if isinstance(smooth, bool) else smooth
        if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves((encounter, self))):
            return _predict(self, _same_shape(encounter, jnp), smoothing)
        arrays = _same_shape(encounter, np)
        if check:
            inputs.check({k: v for k, v in arrays._asdict().items() if v is not None})
        return _predict(self, arrays, smoothing)


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
        name: "separate" (classifier and regressor) or "mixture" (mixture of experts).
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
    for part in MODELS[name]:
        arrays, _ = load_model(folder / part)
        networks[part] = {k: jnp.asarray(v) for k, v in arrays.items()}
    # On the device once, not at every call.
    structure = jax.tree.map(jnp.asarray, stars or main_sequence())
    return CollisionModel(networks, structure, name, argument, cutoff)


def shipped_checkpoints() -> Path:
    """Folder of the collision checkpoints: inside an installed package, beside it in a clone."""
    package = Path(__file__).parents[1]
    installed = package / "checkpoints" / "collisions"
    return installed if installed.is_dir() else package.parent / "checkpoints" / "collisions"


def _complete(encounter: Encounter) -> Encounter:
    missing = [k for k, v in encounter._asdict().items() if v is None and k not in ("r1", "r2")]
    if missing:
        raise ValueError(f"missing: {', '.join(missing)}; needed are age, m1, m2, rp and vinf")
    if (encounter.r1 is None) != (encounter.r2 is None):
        raise ValueError("r1 and r2: give the radii of both stars, or of neither")
    return encounter


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


@jax.jit
def _predict(
    model: CollisionModel, encounter: Encounter, smoothing: Smoothing | None
) -> Outcome:
    shape = encounter.m1.shape
    flat = jax.tree.map(lambda x: x.reshape(-1) if shape else x, encounter)
    outcome = _in_blocks(partial(_run, model, smoothing), flat)
    return jax.tree.map(lambda x: x.reshape(shape), outcome)


def _run(model: CollisionModel, smoothing: Smoothing | None, encounter: Encounter) -> Outcome:
    predict = partial(PREDICTIONS[model.kind], model.networks)
    return pipeline.run(
        predict, model.stars, encounter, smoothing, model.argument, model.cutoff
    )


def _in_blocks(run: Any, encounter: Encounter) -> Outcome:
    n = encounter.m1.size
    if n <= BLOCK:
        return run(encounter)
    blocks = -(-n // BLOCK)
    # Filled up by repeating the last encounter, which has an answer.
    padded = jax.tree.map(
        lambda x: jnp.pad(x, (0, blocks * BLOCK - n), mode="edge").reshape(blocks, BLOCK),
        encounter,
    )
    outcome = jax.lax.map(run, padded)
    return jax.tree.map(lambda x: x.reshape(-1)[:n], outcome)


def _apply(name: str, arrays: dict[str, Array], e: Encounter) -> Any:
    """Output of a network for encounters in order (star 1 is the heavier)."""
    dtype = e.m1.dtype
    arrays = {k: v.astype(dtype) for k, v in arrays.items()}
    scales = Standardiser(arrays["features/mean"], arrays["features/std"])
    weights = {k.removeprefix("network/"): v for k, v in arrays.items() if k[:8] == "network/"}
    x = scales(published_features(e.age, e.m1, e.m2, e.rp, e.vinf))
    return network(name).apply(weights, x)


def _separate(networks: dict[str, dict[str, Array]], e: Encounter) -> Prediction:
    logits = _apply("classifier", networks["classifier"], e)
    fractions = _apply("regressor", networks["regressor"], e)
    shape = (*logits.shape, fractions.shape[-1])
    return Prediction(jax.nn.softmax(logits), jnp.broadcast_to(fractions[..., None, :], shape))


def _mixture(networks: dict[str, dict[str, Array]], e: Encounter) -> Prediction:
    logits, fractions = _apply("mixture", networks["mixture"], e)
    return Prediction(jax.nn.softmax(logits), fractions)


PREDICTIONS = {"separate": _separate, "mixture": _mixture}
"""How the networks of each registered model make a prediction."""

__all__ = ["CollisionModel", "MODELS", "MainSequence", "Smoothing", "load"]
