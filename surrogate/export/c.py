"""A model as C99: one header, one source, and what shows how to use them.

The source is put together from the files in `c/`, which are written to be read, and from the tables
of the model (`c_data`). Networks compute in single precision, everything else in double.
"""

from __future__ import annotations

import hashlib
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate import __version__
from surrogate.collisions.structure import MainSequence
from surrogate.collisions.tides import Argument, Cutoff
from surrogate.constants import G
from surrogate.export import c_data
from surrogate.learning.files import write_text

if TYPE_CHECKING:
    from surrogate.collisions.prediction import Networks
    from surrogate.collisions.predictor import CollisionModel

ACTIVATIONS: Final = {
    "ensemble": "x / (1.0f + expf(-x))",
    "fast": "0.5f * x * (1.0f + x / sqrtf(1.0f + x * x))",
}
SYMMETRIC: Final = (
    *("structure", "tides", "shells", "pair"),
    *("prediction", "features", "symmetric", "outcome"),
)
"""Files of the source, in order; only the ensemble needs the shells."""
PUBLISHED: Final = ("structure", "tides", "pair", "prediction", "published", "outcome")
"""The same, of the published models."""
EXAMPLES: Final = {
    "module.f90": "{prefix}_module.f90",
    "main.c": "main.c",
    "main.f90": "main.f90",
    "CMakeLists.txt": "CMakeLists.txt",
    "rebound.h": "{prefix}_rebound.h",
    "main_rebound.c": "main_rebound.c",
}
"""Files beside it, and what they are called in the folder."""
REBOUND: Final = ("aftermath", "rejuvenation", "rebound")
"""Files of the source for REBOUND, in order."""
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]*")


def export_c(model: CollisionModel, folder: Path, *, prefix: str = "surrogate") -> list[Path]:
    """Write a model as C, with a Fortran module, a resolver for REBOUND, examples and a CMake file.

    Args:
        model: any, with a structure of the shipped kind and the default tides.
        folder: is made where it is missing; files of the same names are replaced.
        prefix: of the files and of every public name.

    Returns:
        The files.

    Raises:
        ValueError: its structure or tides have no C, or the prefix is no name in C.
    """
    if (model.argument, model.cutoff) != (Argument.ZETA, Cutoff.TAPER):
        raise ValueError("tides: allowed are argument zeta and cutoff taper; load the model so")
    if not isinstance(model.stars, MainSequence):
        raise ValueError("stars: allowed is a MainSequence; load the model without others")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"prefix = {prefix!r}, allowed: small letters, digits and _, a letter first"
        )
    names = {f"{prefix}.h": _header(model, prefix), f"{prefix}.c": _source(model, prefix)}
    names[f"{prefix}_rebound.c"] = _rebound(model, prefix)
    names |= {
        target.format(prefix=prefix): _filled(_template(source), model, prefix)
        for source, target in EXAMPLES.items()
    }
    for name, text in names.items():
        write_text(folder / name, text)
    return [folder / name for name in names]


def _header(model: CollisionModel, prefix: str) -> str:
    return _filled(_template("header.h"), model, prefix)


def _source(model: CollisionModel, prefix: str) -> str:
    bounds = model.kind == "ensemble"
    head = (
        f"/* See {prefix}.h. */\n"
        f'#include "{prefix}.h"\n\n#include <math.h>\n\n'
        f"#define PROFILES {int(bounds)} /* whole profiles of the stars are needed */\n"
        f"#define BOUNDS {int(bounds)}   /* the model says how sure it is */\n\n"
    )
    stars: MainSequence = model.stars  # type: ignore[assignment]
    data = c_data.structure(stars, shells=bounds)
    if model.kind in ACTIVATIONS:
        data += c_data.network(model.networks[model.kind], bounds=bounds)
        names = [name for name in SYMMETRIC if bounds or name != "shells"]
    else:
        data += c_data.published(model.networks)
        names = list(PUBLISHED)
    parts = [_template(f"{name}.c") for name in names]
    return head + data + "\n" + _filled("\n".join(parts), model, prefix)


def _rebound(model: CollisionModel, prefix: str) -> str:
    head = f'/* See {prefix}_rebound.h. */\n#include "{prefix}_rebound.h"\n\n#include <math.h>\n\n'
    return head + _filled("\n".join(_template(f"{name}.c") for name in REBOUND), model, prefix)


def _template(name: str) -> str:
    return resources.files(__package__).joinpath("c", name).read_text(encoding="utf-8")


def _filled(text: str, model: CollisionModel, prefix: str) -> str:
    known = model.kind in ACTIVATIONS
    words = {
        "P": prefix,
        "U": prefix.upper(),
        "MODEL": model.kind,
        "VERSION": __version__,
        "TITLE": f"Collisions of two main-sequence stars: the model `{model.kind}` of surrogate.",
        "DIGEST": _digest(model.networks),
        "G": f"{G:.17g}",
        "ACTIVATION": ACTIVATIONS.get(model.kind, ""),
        "NO_BOUNDS": " where unknown" if model.kind == "ensemble" else ": this model has none",
        "NO_OOD": "" if known else "; NaN: this model does not know",
    }
    return re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], text)


def _digest(networks: Networks) -> str:
    digest = hashlib.sha256()
    for network, arrays in sorted(networks.items()):
        for name in sorted(arrays):
            digest.update(f"{network}/{name}".encode())
            digest.update(np.ascontiguousarray(arrays[name], "<f4").tobytes())
    return digest.hexdigest()
