"""The simulation of each process that is nearest to a star, at the star's amount of material."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.generative import LEAST, component_log_density
from surrogate.enrichment.classifiers.training import PROCESSES

if TYPE_CHECKING:
    from jaxtyping import Float

    from surrogate.enrichment.classifiers.generative import Generative, Observed


class Nearest(NamedTuple):
    """A simulation beside a star."""

    log_eps: Float[np.ndarray, " e"]
    """Of the model's elements [dex, hydrogen = 12]."""
    deviation: float
    """Root mean square of the star's abundances less these [dex]."""


def nearest_simulations(model: Generative, seen: Observed) -> list[dict[str, Nearest]]:
    """Under which simulation of each process each star is likeliest.

    Args:
        model: of the processes.
        seen: n stars, in the model's elements.

    Returns:
        By process, for each star; none where fewer than two elements were measured.
    """
    tau = model.scatter[model.label]
    arrays = (jnp.asarray(a, jnp.float32) for a in (seen.log_eps, seen.error, model.m, tau))
    likelihood = np.asarray(component_log_density(*arrays))
    found: list[dict[str, Nearest]] = []
    for i, measured in enumerate(seen.measured):
        row: dict[str, Nearest] = {}
        for process in model.processes if measured.sum() >= LEAST else ():
            mine = np.flatnonzero(model.label == PROCESSES.index(process))
            k = mine[likelihood[i, mine].argmax()]
            precision = 1.0 / (tau[k] ** 2 + seen.error[i, measured] ** 2)
            residual = seen.log_eps[i, measured] - model.m[k, measured]
            offset = np.average(residual, weights=precision)
            deviation = float(np.sqrt(((residual - offset) ** 2).mean()))
            row[process] = Nearest(model.m[k] + offset, deviation)
        found.append(row)
    return found
