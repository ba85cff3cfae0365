"""Tables of a model as C: numbers that a compiler reads back bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surrogate.collisions.contact import HALF, HEIGHTS
from surrogate.collisions.novelty import OCTAVE
from surrogate.collisions.structure import (
    LN_MASS_RANGE,
    MASS_FRACTIONS,
    U_RANGE,
    MainSequence,
)
from surrogate.constants import G

if TYPE_CHECKING:
    from surrogate.collisions.ensemble import Arrays
    from surrogate.collisions.prediction import Networks

PER_LINE = 6
HEADS = ("even", "odd")
SCALE_HEADS = ("even_scale", "odd_scale")
"""Layers that the network ends with; one matrix in C."""


def define(name: str, value: float | int) -> str:
    """A constant of the preprocessor."""
    text = str(value) if isinstance(value, int) else f"{value:.17g}"
    return f"#define {name} {text}\n"


def table(name: str, values: np.ndarray, *, single: bool = False) -> str:
    """A constant array, of double or single precision.

    Args:
        name: in C.
        values: of any shape.
        single: 32 bits, for weights of networks.
    """
    axes = "".join(f"[{n}]" for n in values.shape)
    kind = "float" if single else "double"
    return f"static const {kind} {name}{axes} = {_braces(np.asarray(values), single)};\n"


def _braces(values: np.ndarray, single: bool) -> str:
    if values.ndim > 1:
        return "{" + ",\n".join(_braces(part, single) for part in values) + "}"
    numbers = [_number(value, single) for value in values.tolist()]
    lines = [", ".join(numbers[i : i + PER_LINE]) for i in range(0, len(numbers), PER_LINE)]
    return "{" + ",\n".join(lines) + "}"


def _number(value: float, single: bool) -> str:
    text = f"{value:.9g}" if single else f"{value:.17g}"
    if not set(text) & set(".en"):
        text += ".0"
    return text + "f" * single


def structure(stars: MainSequence, *, shells: bool) -> str:
    """Splines of the main sequence.

    Args:
        stars: the shipped tables, or others of their kind.
        shells: whether whole profiles are needed.
    """
    rows, columns = np.shape(stars.log_radius)
    parts = [
        define("G_NEWTON", G),
        define("LN_MASS_LOW", LN_MASS_RANGE[0]),
        define("LN_MASS_HIGH", LN_MASS_RANGE[1]),
        define("U_LOW", U_RANGE[0]),
        define("U_HIGH", U_RANGE[1]),
        define("MASS_COEFFICIENTS", rows),
        define("AGE_COEFFICIENTS", columns),
        table("LIFETIME", np.asarray(stars.lifetime, float)),
        table("LOG_ZAMS", np.asarray(stars.log_zams, float)),
        table("LOG_TAMS", np.asarray(stars.log_tams, float)),
        table("LOG_RADIUS", np.asarray(stars.log_radius, float).ravel()),
        table("LOG_CORE", np.asarray(stars.log_core, float).ravel()),
    ]
    if shells:
        shape = np.shape(stars.log_shells)
        parts += [
            define("SHELLS", len(MASS_FRACTIONS)),
            define("HALF_SHELL", HALF),
            define("SHELL_ROWS", shape[0]),
            define("SHELL_COLUMNS", shape[1]),
            table("HEIGHTS", HEIGHTS),
            table("LOG_SHELLS", np.asarray(stars.log_shells, float).ravel()),
        ]
    return "".join(parts)


def network(arrays: Arrays, *, bounds: bool) -> str:
    """Weights, scales of features, calibration, and the stars that were seen.

    Args:
        arrays: checkpoint of a symmetric model.
        bounds: whether the model says how sure it is.
    """
    a = {k: np.asarray(v, float) for k, v in arrays.items()}
    members, even, width = a["network/first/kernel"].shape
    depth = sum(k.startswith("network/layers/") and k.endswith("/bias") for k in a)
    heads = HEADS + (SCALE_HEADS if bounds else ())

    def stacked(field: str) -> np.ndarray:
        return np.stack([a[f"network/layers/{k}/{field}"] for k in range(depth)], axis=1)

    def joined(field: str) -> np.ndarray:
        return np.concatenate([a[f"network/{head}/{field}"] for head in heads], axis=-1)

    def flat(kernel: np.ndarray) -> np.ndarray:
        return kernel.reshape(*kernel.shape[:-2], -1)

    parts = [
        define("MEMBERS", members),
        define("EVEN", even),
        define("WIDTH", width),
        define("DEPTH", depth),
        define("HEADS", joined("bias").shape[-1]),
        define("KNOWN", len(a["seen/stars"])),
        define("LN_2", OCTAVE),
        define("FASTEST", float(a["seen/speeds"][1])),
        define("TEMPERATURE", float(a["calibration/temperature"])),
        table("FEATURE_MEAN", a["features/mean"]),
        table("FEATURE_STD", a["features/std"]),
        table("ODD_STD", a["features/odd_std"]),
        table("SEEN", a["seen/stars"]),
        table("FIRST_KERNEL", flat(a["network/first/kernel"]), single=True),
        table("FIRST_BIAS", a["network/first/bias"], single=True),
        table("LAYER_KERNEL", flat(stacked("kernel")), single=True),
        table("LAYER_BIAS", stacked("bias"), single=True),
        table("HEAD_KERNEL", flat(joined("kernel")), single=True),
        table("HEAD_BIAS", joined("bias"), single=True),
    ]
    if bounds:
        parts += [
            define("TILT", float(a["calibration/tilt"])),
            table("LAW", a["calibration/law"]),
            table("WIDENING", a["calibration/widening"]),
        ]
    return "".join(parts)


LAYER = """typedef struct {
    int n_in, n_out;
    const float *kernel, *bias, *scale, *shift; /* of a norm: NULL where there is none */
} layer;

"""


def published(networks: Networks) -> str:
    """Networks of the published models.

    Args:
        networks: checkpoints of `classifier` and `regressor`, or of `mixture`.
    """
    parts = [LAYER, define("MIXTURE", int("mixture" in networks))]
    for name, arrays in networks.items():
        a = {k.removeprefix("network/"): np.asarray(v, float) for k, v in arrays.items()}
        parts += [
            table(f"{name.upper()}_MEAN", a["features/mean"]),
            table(f"{name.upper()}_STD", a["features/std"]),
        ]
        if name != "mixture":
            parts.append(_layers(name.upper(), a, "body"))
            continue
        parts += [_layers("BACKBONE", a, "backbone"), _layers("GATE", a, "gate")]
        experts = sorted({k.split("/")[1] for k in a if k.startswith("experts/")})
        parts += [_layers(f"EXPERT_{k}", a, f"experts/{k}") for k in experts]
        parts.append(
            f"static const layer *const EXPERTS[{len(experts)}] = "
            f"{{{', '.join(f'EXPERT_{k}' for k in experts)}}};\n"
            "#define EXPERT_LAYERS ((int)(sizeof(EXPERT_0) / sizeof(*EXPERT_0)))\n"
        )
    widths = [v.shape[0] for arrays in networks.values() for k, v in arrays.items() if "bias" in k]
    return "".join([*parts, define("WIDEST", max(widths))])


def _layers(name: str, arrays: dict[str, np.ndarray], prefix: str) -> str:
    """A perceptron: its blocks, and the layer that it ends with, if any."""
    tables, rows = [], []
    k = 0
    while f"{prefix}/blocks/{k}/linear/kernel" in arrays:
        block = f"{prefix}/blocks/{k}"
        tables += [
            _weights(f"{name}_{k}_KERNEL", arrays[f"{block}/linear/kernel"]),
            _weights(f"{name}_{k}_BIAS", arrays[f"{block}/linear/bias"]),
            _weights(f"{name}_{k}_SCALE", arrays[f"{block}/norm/scale"]),
            _weights(f"{name}_{k}_SHIFT", arrays[f"{block}/norm/bias"]),
        ]
        n_in, n_out = arrays[f"{block}/linear/kernel"].shape
        words = ", ".join(f"{name}_{k}_{word}" for word in ("KERNEL", "BIAS", "SCALE", "SHIFT"))
        rows.append(f"{{{n_in}, {n_out}, {words}}}")
        k += 1
    if f"{prefix}/out/kernel" in arrays:
        tables += [
            _weights(f"{name}_OUT_KERNEL", arrays[f"{prefix}/out/kernel"]),
            _weights(f"{name}_OUT_BIAS", arrays[f"{prefix}/out/bias"]),
        ]
        n_in, n_out = arrays[f"{prefix}/out/kernel"].shape
        rows.append(f"{{{n_in}, {n_out}, {name}_OUT_KERNEL, {name}_OUT_BIAS, NULL, NULL}}")
    body = ",\n    ".join(rows)
    return "".join(tables) + f"static const layer {name}[] = {{\n    {body}}};\n"


def _weights(name: str, values: np.ndarray) -> str:
    return table(name, values.ravel(), single=True)
