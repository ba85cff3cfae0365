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

from surrogate.export.arrays import ARGUMENTS, answer
from surrogate.inference.optional import needs
from surrogate.learning.files import write_bytes, write_text

if TYPE_CHECKING:
    from surrogate.collisions.predictor import CollisionModel

PLATFORMS: Final = ("cpu", "cuda")


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
        age, m1, m2, rp and vinf, each float32 of shape (n,); results are `FIELDS`, the floating
        ones float32.

    Raises:
        ImportError: flatbuffers is not installed, with which JAX writes the file.
    """
    needs("flatbuffers", "export")

    column = jax.ShapeDtypeStruct(jax.export.symbolic_shape("n"), jnp.float32)
    exported = jax.export.export(jax.jit(answer(model)), platforms=PLATFORMS)(
        *[column] * len(ARGUMENTS)
    )
    binary, text = folder / f"{prefix}.jax", folder / f"{prefix}.mlir"
    write_bytes(binary, [bytes(exported.serialize())])
    write_text(text, exported.mlir_module())
    return [binary, text]
