"""A model as StableHLO: for XLA, IREE and others that run it without Python.

The file is what `jax.export` writes: the hard mode of the model for n encounters, n symbolic, on
CPUs and NVIDIA GPUs. `jax.export.deserialize` reads it back, with JAX alone; the text beside it is
for readers and for other compilers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import jax
import jax.numpy as jnp

from surrogate.collisions import pipeline
from surrogate.collisions.encounter import Encounter, Outcome
from surrogate.collisions.models import MODELS
from surrogate.collisions.pair import Pair
from surrogate.collisions.prediction import Prediction
from surrogate.inference.optional import needs
from surrogate.learning.files import write_bytes, write_text

if TYPE_CHECKING:
    from jax import Array

    from surrogate.collisions.predictor import CollisionModel

PLATFORMS: Final = ("cpu", "cuda")
BOUNDS: Final = ("m1_bounds", "m2_bounds", "unbound_bounds")
FIELDS: Final = tuple(name for name in Outcome._fields if name not in BOUNDS)
"""Results, in order; masses and probabilities are float32, codes int32, `in_domain` bool."""


def export_stablehlo(
    model: CollisionModel, folder: Path, *, prefix: str = "surrogate"
) -> list[Path]:
    """Write a model as StableHLO.

    Args:
        model: any; its structure and tides are kept.
        folder: is made where it is missing; files of the same names are replaced.
        prefix: of the files.

    Returns:
        PREFIX.jax, which `jax.export.deserialize` reads, and PREFIX.mlir, its text. Arguments are
        age, m1, m2, rp and vinf, each float32 of shape (n,); results are `FIELDS`.

    Raises:
        ImportError: flatbuffers is not installed, with which JAX writes the file.
    """
    needs("flatbuffers", "export")

    def predict(pair: Pair) -> Prediction:
        return MODELS[model.kind].predict(model.networks, pair, None)

    def answer(age: Array, m1: Array, m2: Array, rp: Array, vinf: Array) -> tuple[Array, ...]:
        encounter = Encounter(age, m1, m2, rp, vinf)
        found = pipeline.run(predict, model.stars, encounter, None, model.argument, model.cutoff)
        return tuple(getattr(found, name) for name in FIELDS)

    column = jax.ShapeDtypeStruct(jax.export.symbolic_shape("n"), jnp.float32)
    exported = jax.export.export(jax.jit(answer), platforms=PLATFORMS)(*[column] * 5)
    binary, text = folder / f"{prefix}.jax", folder / f"{prefix}.mlir"
    write_bytes(binary, [bytes(exported.serialize())])
    write_text(text, exported.mlir_module())
    return [binary, text]
