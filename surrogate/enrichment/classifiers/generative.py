"""Probability of a process from any elements, with the errors that they were measured with.

A process is all of its simulations. Star and simulation k of process c are

    log eps_j = offset + m_kj + model scatter (tau_c) + error (sigma_j)

with m the log abundances of the simulation; neighbouring ones are put together (`condense`). The
offset says how much of the material there is; nothing is known of it, and it is integrated over a
flat prior. That leaves what counting from europium
leaves, but no element is special, and the error of europium is not counted in every element. With
precisions p_j = 1 / (tau_c^2 + sigma_j^2), 0 where nothing was measured, P = sum p_j, residuals d_j
and their weighted mean d,

    log p(star | k) = -1/2 [sum p_j (d_j - d)^2 - sum log p_j + log P + (n - 1) log 2 pi],

which is the exact integral over missing elements, too. p(star | c) is the mean over simulations.

The scatter is chosen on simulations (`fit_scatter`): the one under which those of a group are
likeliest that the model has not seen. Nothing is chosen on stars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.condense import condense
from surrogate.enrichment.classifiers.training import PROCESSES

if TYPE_CHECKING:
    from jaxtyping import Array, Bool, Float, Int

    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars

ELEMENTS: Final = ("Ba", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Dy", "Er", "Pb")
"""Those of both of the paper's sets."""
CANDIDATES: Final = ("Gd", "Tb", "Ho", "Tm", "Yb", "Lu", "Hf", "Os", "Ir", "Pt")
"""Further ones that could be measured."""
ERROR: Final = 0.15
"""Standard deviation of log eps where a star comes without one [dex]."""
LEAST: Final = 2
"""Fewer elements leave nothing to compare once the offset is free."""
SCATTERS: Final = (0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.56)
"""Model scatters to choose from [dex]."""


PARTS: Final = 8
"""Of the only group of a process, of which one after the other is held back."""


@dataclass(frozen=True)
class Generative:
    """The processes as clouds of simulations.

    Attributes:
        elements: what the columns of m are.
        m: log10 of number abundances [dex], on any scale of its own, of n simulations that each
            stand for some neighbours; the mean of the process where these lack the element.
        label: index in `PROCESSES`, of each.
        scatter: model scatter by process [dex]; 0 for a process without simulations.
        temperature: log-likelihoods are divided by it, so that probabilities are calibrated.
    """

    elements: tuple[str, ...]
    m: Float[np.ndarray, "n e"]
    label: Int[np.ndarray, " n"]
    scatter: Float[np.ndarray, " processes"]
    temperature: float = 1.0

    @property
    def processes(self) -> tuple[str, ...]:
        """Those that have simulations."""
        return tuple(p for k, p in enumerate(PROCESSES) if (self.label == k).any())


class Observed(NamedTuple):
    """Abundances of n stars in a model's elements."""

    log_eps: Float[np.ndarray, "n e"]
    """[dex]; NaN where not measured."""
    error: Float[np.ndarray, "n e"]
    """Standard deviations [dex]."""

    @property
    def measured(self) -> Bool[np.ndarray, "n e"]:
        """Where there is a value."""
        return np.isfinite(self.log_eps)


def observe(stars: Stars, elements: Sequence[str] = ELEMENTS, error: float = ERROR) -> Observed:
    """A model's elements of stars; limits count as missing.

    Args:
        stars: n of them.
        elements: of the model.
        error: where a star comes without one [dex].
    """
    log_eps = np.stack([stars.of(e) for e in elements], axis=1)
    sigma = np.stack([stars.of(e, "error") for e in elements], axis=1)
    return Observed(log_eps, np.where(np.isfinite(sigma) & (sigma > 0.0), sigma, error))


def fit_generative(
    patterns: Patterns,
    elements: Sequence[str] = ELEMENTS + CANDIDATES,
    *,
    scatter: Mapping[str, float] | None = None,
) -> Generative:
    """Make a model of simulations.

    Args:
        patterns: of two processes or more, such as of `training.prepare_patterns`.
        elements: that stars can be asked for.
        scatter: model scatter by process [dex]; chosen by `fit_scatter` where not given.

    Raises:
        ValueError: a process has no scatter and simulations of one group alone; fewer than two
            processes.
    """
    m = np.stack([patterns.log_y(e) for e in elements], axis=1)
    label = np.array([PROCESSES.index(p) for p in patterns.process], int)
    usable = np.isfinite(m).sum(axis=1) >= LEAST
    m, label = m[usable], label[usable]
    group = np.array(patterns.group)[usable]
    present = sorted(set(label))
    if len(present) < 2:
        raise ValueError(f"patterns: {len(present)} process, allowed: 2 and more; give others")
    m = m - np.nanmean(m[:, : len(ELEMENTS)], axis=1, keepdims=True)
    tau = np.zeros(len(PROCESSES))
    given = scatter or {}
    centres = {}
    for k in present:
        mine = m[label == k]
        mine = np.where(np.isfinite(mine), mine, _mean(mine))
        tau[k] = given.get(PROCESSES[k], 0.0) or fit_scatter(mine, group[label == k])
        centres[k] = condense(mine)
    labels = np.concatenate([np.full(len(c), k) for k, c in centres.items()])
    return Generative(tuple(elements), np.concatenate(list(centres.values())), labels, tau)


def fit_scatter(m: Float[np.ndarray, "n e"], group: Sequence[str] | np.ndarray) -> float:
    """The model scatter under which simulations of unseen groups are likeliest [dex].

    Every group is held back in turn; all groups count the same. Where there is one group alone,
    parts of it are held back.

    Args:
        m: log abundances of one process [dex].
        group: of each simulation.
    """
    names = np.asarray(group)
    if len(set(names)) == 1:
        names = np.arange(len(m)) % min(PARTS, len(m))
    folds = [(m[names == name], m[names != name]) for name in sorted(set(names.tolist()))]
    pairs = [(held, condense(rest)) for held, rest in folds if len(rest)]

    def score(tau: float) -> float:
        return float(np.mean([_mean_log_density(held, rest, tau) for held, rest in pairs]))

    return max(SCATTERS, key=score)


def _mean_log_density(
    held: Float[np.ndarray, "n e"], centres: Float[np.ndarray, "k e"], tau: float
) -> float:
    """Of simulations without errors, under a cloud of centres."""
    x, m = (jnp.asarray(a, jnp.float32) for a in (held, centres))
    scatter = jnp.full(len(m), tau, jnp.float32)
    return float(
        log_mean(np.asarray(component_log_density(x, jnp.zeros_like(x), m, scatter))).mean()
    )


@jax.jit
def component_log_density(
    log_eps: Float[Array, "n e"],
    error: Float[Array, "n e"],
    m: Float[Array, "k e"],
    tau: Float[Array, " k"] | Float[Array, "k e"],
) -> Float[Array, "n k"]:
    """Logarithm of p(star | simulation), the offset and missing elements integrated out.

    Args:
        log_eps: of n stars [dex]; NaN where not measured.
        error: its standard deviation [dex].
        m: log abundances of k simulations [dex].
        tau: model scatter of each, or of each and each element [dex].
    """
    measured = jnp.isfinite(log_eps)[:, None, :]
    scatter = tau[:, None] if tau.ndim == 1 else tau
    variance = scatter[None] ** 2 + jnp.where(measured, error[:, None, :], 1.0) ** 2
    precision = jnp.where(measured, 1.0 / variance, 0.0)
    residual = jnp.where(measured, log_eps[:, None, :] - m[None, :, :], 0.0)
    total = jnp.maximum(precision.sum(axis=-1), 1e-30)
    mean = (precision * residual).sum(axis=-1) / total
    squares = (precision * (residual - mean[..., None]) ** 2).sum(axis=-1)
    log_precision = jnp.where(measured, -jnp.log(variance), 0.0).sum(axis=-1)
    n = measured.sum(axis=-1)
    log_two_pi = (n - 1) * jnp.log(2.0 * jnp.pi)
    return -0.5 * (squares - log_precision + jnp.log(total) + log_two_pi)


def log_density(model: Generative, seen: Observed) -> Float[np.ndarray, "n processes"]:
    """Logarithm of p(star | process) of each of `PROCESSES`; -inf of one without simulations."""
    tau = model.scatter[model.label]
    each = np.asarray(
        component_log_density(
            *(jnp.asarray(a, jnp.float32) for a in (seen.log_eps, seen.error, model.m, tau))
        )
    )
    columns = [log_mean(each[:, model.label == k]) for k in range(len(PROCESSES))]
    return np.stack(columns, axis=1)


def probabilities(
    model: Generative, seen: Observed, prior: Mapping[str, float] | None = None
) -> Float[np.ndarray, "n processes"]:
    """Probability of each of `PROCESSES`; NaN where fewer than two elements were measured.

    Args:
        model: of two processes or three.
        seen: n stars, in the model's elements.
        prior: by process, of those that the model has; the same for all by default.
    """
    weight = np.array([(prior or {}).get(p, 1.0 if prior is None else 0.0) for p in PROCESSES])
    with np.errstate(divide="ignore"):
        logit = log_density(model, seen) / model.temperature + np.log(weight)
    found = np.asarray(jax.nn.softmax(logit, axis=1))
    enough = seen.measured.sum(axis=1) >= LEAST
    return np.where(enough[:, None], found, np.nan)


def log_mean(log_p: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " n"]:
    """Logarithm of the mean over k of what the logarithms stand for; -inf where k is 0."""
    if log_p.shape[1] == 0:
        return np.full(len(log_p), -np.inf)
    top = log_p.max(axis=1)
    return np.asarray(top + np.log(np.exp(log_p - top[:, None]).mean(axis=1)))


def _mean(m: Float[np.ndarray, "n e"]) -> Float[np.ndarray, " e"]:
    known = np.isfinite(m)
    count = np.maximum(known.sum(axis=0), 1)
    return np.where(known, m, 0.0).sum(axis=0) / count
