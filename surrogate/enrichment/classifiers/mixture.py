"""How much of a star's heavy elements the r-process made, where both r and s had a part.

A star is an r pattern and an s pattern added up, as numbers of atoms:

    N_j = A (10^q R_ij + S_kj),  R and S counted from europium,

for simulations i and k, so that 10^q is how many atoms of europium came from the r-process for each
one of the s-process. q is taken to be uniform between `LOG_RATIOS`: from an r-process that hardly
shows in europium to an s-process that hardly shows in barium. The r share of an element,

    f_j = 10^q R_ij / (10^q R_ij + S_kj),

is very different for barium and europium. Errors, missing elements and the amount A are treated as
in `generative`; the scatter of an element is that of the two processes, weighted by their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.generative import (
    LEAST,
    Generative,
    Observed,
    component_log_density,
)
from surrogate.enrichment.classifiers.thinning import thin
from surrogate.enrichment.classifiers.training import PROCESSES

if TYPE_CHECKING:
    from jaxtyping import Array, Float

LOG_RATIOS: Final = (-2.0, 3.5)
"""Of atoms of europium of the r- to those of the s-process [dex]."""
STEPS: Final = 45
SIZE: Final = 24
"""Simulations of each process: all pairs of them are tried. Twice as many would move medians by a
tenth of the intervals' widths."""
LEVELS: Final = (0.16, 0.5, 0.84)
"""Lower end, median and upper end of the intervals."""


class Shares(NamedTuple):
    """Posterior of the r share of an element, from 0 to 1; NaN where too little is measured."""

    low: Float[np.ndarray, " n"]
    median: Float[np.ndarray, " n"]
    high: Float[np.ndarray, " n"]


class MixtureAnswer(NamedTuple):
    """What mixtures say of n stars."""

    shares: Mapping[str, Shares]
    """By element."""
    log_evidence: Float[np.ndarray, " n"]
    """Logarithm of p(star | mixture), to compare with `generative.log_density`."""


@dataclass(frozen=True)
class Mixtures:
    """Pairs of simulations to mix.

    Attributes:
        elements: what the columns are.
        r: log10(N_X / N_Eu) of the r-process [dex].
        s: the same of the s-process.
        scatter: model scatter of r and s [dex].
    """

    elements: tuple[str, ...]
    r: Float[np.ndarray, "a e"]
    s: Float[np.ndarray, "b e"]
    scatter: tuple[float, float]


def mixtures_of(model: Generative, size: int = SIZE) -> Mixtures:
    """Thin a model's simulations of r and s for mixing.

    Args:
        model: has r, s and europium.
        size: most simulations of each.

    Raises:
        ValueError: the model lacks r, s or europium.
    """
    if missing := [p for p in ("r", "s") if p not in model.processes]:
        raise ValueError(f"model: has no process {missing[0]}; make one of r and s")
    if "Eu" not in model.elements:
        raise ValueError("model: has no element Eu; make one with europium")
    x = model.m - model.m[:, [model.elements.index("Eu")]]
    parts = [x[model.label == PROCESSES.index(p)] for p in ("r", "s")]
    r, s = (part[thin(part, size)] for part in parts)
    return Mixtures(model.elements, r, s, (float(model.scatter[0]), float(model.scatter[1])))


def mix(
    r: Float[Array, "*batch e"], s: Float[Array, "*batch e"], log_ratio: Float[Array, "*batch"]
) -> tuple[Float[Array, "*batch e"], Float[Array, "*batch e"]]:
    """Add an r and an s pattern, as numbers of atoms.

    Args:
        r: log10(N_X / N_Eu) [dex].
        s: the same.
        log_ratio: of atoms of europium of r to those of s [dex].

    Returns:
        log10 of the number of atoms, for one of europium of the s-process [dex]; and the r share of
        each element, from 0 to 1.
    """
    ours = r + jnp.asarray(log_ratio)[..., None]
    total = jnp.logaddexp(ours * jnp.log(10.0), s * jnp.log(10.0)) / jnp.log(10.0)
    return total, 10.0 ** (ours - total)


def r_shares(
    mixtures: Mixtures, seen: Observed, elements: Sequence[str] = ("Eu", "Ba")
) -> MixtureAnswer:
    """Posterior of the r share of elements.

    Args:
        mixtures: as of `mixtures_of`.
        seen: n stars, in the mixtures' elements.
        elements: whose shares to tell.
    """
    pairs = [
        np.repeat(mixtures.r, len(mixtures.s), axis=0),
        np.tile(mixtures.s, (len(mixtures.r), 1)),
    ]
    r, s = (jnp.asarray(np.repeat(a, STEPS, axis=0), jnp.float32) for a in pairs)
    grid = np.linspace(*LOG_RATIOS, STEPS)
    q = jnp.asarray(np.tile(grid, len(pairs[0])), jnp.float32)
    m, share = mix(r, s, q)
    tau_r, tau_s = mixtures.scatter
    tau = jnp.hypot(share * tau_r, (1.0 - share) * tau_s)
    columns = [mixtures.elements.index(e) for e in elements]
    shares = np.asarray(share)[:, columns]
    order = np.argsort(shares, axis=0)
    found = np.full((len(columns), len(LEVELS), len(seen.log_eps)), np.nan)
    evidence = np.full(len(seen.log_eps), np.nan)
    for i, enough in enumerate(seen.measured.sum(axis=1) >= LEAST):
        if not enough:
            continue
        star = (jnp.asarray(a[[i]], jnp.float32) for a in (seen.log_eps, seen.error))
        log_weight = np.asarray(component_log_density(*star, m, tau)[0], np.float64)
        top = log_weight.max()
        weight = np.exp(log_weight - top)
        evidence[i] = top + np.log(weight.mean())
        for c in range(len(columns)):
            sums = np.cumsum(weight[order[:, c]])
            at = np.searchsorted(sums / sums[-1], LEVELS).clip(max=len(sums) - 1)
            found[c, :, i] = shares[order[at, c], c]
    return MixtureAnswer(
        {e: Shares(*found[c]) for c, e in enumerate(elements)},
        evidence,
    )
