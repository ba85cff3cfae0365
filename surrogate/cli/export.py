"""`surrogate export`: a trained model for codes in other languages."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from surrogate.cli.choices import Model


class Format(StrEnum):
    """What a model is written as."""

    C = "c"
    ONNX = "onnx"
    STABLEHLO = "stablehlo"


def export(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to write to.")],
    format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="c: C99 without dependencies, with a Fortran module and examples; onnx: for ONNX "
            "Runtime; stablehlo: for XLA, by jax.export.",
        ),
    ] = Format.C,
    model: Annotated[Model, typer.Option(help="Which model.")] = Model.FAST,
    checkpoints: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of networks; the shipped ones if left out."),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Of the files, and of every public name in them.")
    ] = "surrogate",
) -> None:
    """Write a collision model for codes that are not in Python.

    Exit code: 0 written, 2 wrong input.
    """
    from surrogate.collisions.predictor import load
    from surrogate.export.c import export_c
    from surrogate.export.onnx import export_onnx
    from surrogate.export.stablehlo import export_stablehlo

    write = {
        Format.C: export_c,
        Format.ONNX: export_onnx,
        Format.STABLEHLO: export_stablehlo,
    }
    for path in write[format](load(model.value, path=checkpoints), out, prefix=prefix):
        typer.echo(path)
