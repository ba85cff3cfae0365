"""Probabilities that mean what they say, on simulations of groups that the model has not seen.

One group of the r- and one of the s-process are held back in turn, with all their simulations. Each
of these becomes stars with errors and with some of the elements, and the model of the other groups
is asked. What its log-likelihoods must be divided by, so that its probabilities are right as often
as they say, is chosen by the least log loss over all folds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.condense import condense
from surrogate.enrichment.classifiers.generative import (
    ELEMENTS,
    ERROR,
    Generative,
    Observed,
    component_log_density,
    log_mean,
)
from surrogate.enrichment.classifiers.training import source_folds, training_set

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int

    from surrogate.enrichment.patterns import Patterns

TEMPERATURES: Final = tuple(float(t) for t in np.geomspace(0.5, 32.0, 25))
FEWEST: Final = 3
"""Elements of a simulated star; it has from this many to all."""
STARS: Final = 10
"""Simulated stars for each simulation that is held back."""
BINS: Final = (0.0, 0.02, 0.1, 0.3, 0.7, 0.9, 0.98, 1.0)


class Calibration(NamedTuple):
    """How probabilities of s against r fared on simulations of unseen groups."""

    temperature: float
    """What log-likelihoods are to be divided by."""
    log_loss: float
    """Of the calibrated probabilities [nat]."""
    raw_log_loss: float
    """Of those with a temperature of 1 [nat]."""
    auc: float
    """How often an s star's probability is above an r star's."""
    stated: Float[np.ndarray, " bins"]
    """Mean calibrated probability of s between the ends of `BINS`; NaN where there is none."""
    found: Float[np.ndarray, " bins"]
    """Share of s among those."""
    stars: Int[np.ndarray, " bins"]
    """How many simulated stars are there."""


def simulate_stars(
    m: Float[np.ndarray, "n e"], key: Array, *, error: float = ERROR, fewest: int = FEWEST
) -> Observed:
    """Stars with the abundances of simulations, measured in some of the elements.

    Args:
        m: log abundances of n simulations [dex].
        key: of the errors and of the choice of elements.
        error: standard deviation of log eps [dex].
        fewest: elements that a star has at least; up to all of them.
    """
    n, e = m.shape
    noise, order, many = jax.random.split(key, 3)
    rank = np.argsort(np.asarray(jax.random.uniform(order, (n, e))), axis=1).argsort(axis=1)
    count = np.asarray(jax.random.randint(many, (n, 1), fewest, e + 1))
    log_eps = m + error * np.asarray(jax.random.normal(noise, (n, e)))
    return Observed(np.where(rank < count, log_eps, np.nan), np.full((n, e), error))


def calibrate(
    model: Generative, patterns: Patterns, key: Array, *, error: float = ERROR, stars: int = STARS
) -> tuple[Generative, Calibration]:
    """Choose a model's temperature.

    Args:
        model: of the same patterns; its scatters are kept, which were chosen on unseen groups.
        patterns: simulations of r and s, each of two groups or more.
        key: of the simulated stars.
        error: of their abundances [dex].
        stars: for each simulation held back.

    Returns:
        The model with its temperature, and how its probabilities fare.

    Raises:
        ValueError: r or s comes from a single group.
    """
    whole = training_set(patterns.of("r", "s"), ELEMENTS)
    parent = np.repeat(np.arange(len(whole)), stars)
    seen = simulate_stars(whole.x[parent], key, error=error)
    logits, labels, weights = [], [], []
    for fold in source_folds(whole):
        rows = np.isin(parent, fold.test)
        label = whole.label[parent[rows]]
        stars_of_fold = Observed(seen.log_eps[rows], seen.error[rows])
        rest = whole.take(fold.rest)
        r, s = (
            _log_density(stars_of_fold, rest.x[rest.label == k], float(model.scatter[k]))
            for k in (0, 1)
        )
        logits.append(s - r)
        labels.append(label)
        # Both classes count the same in every fold, whatever the size of the grids.
        weights.append(np.where(label == 1, 0.5 / label.sum(), 0.5 / (label == 0).sum()))
    logit, label = np.concatenate(logits), np.concatenate(labels)
    weight = np.concatenate(weights) / len(weights)
    losses = [_log_loss(logit / t, label, weight) for t in TEMPERATURES]
    best = TEMPERATURES[int(np.argmin(losses))]
    stated, found, count = _reliability(logit / best, label, weight)
    result = Calibration(
        temperature=best,
        log_loss=min(losses),
        raw_log_loss=_log_loss(logit, label, weight),
        auc=_auc(logit, label),
        stated=stated,
        found=found,
        stars=count,
    )
    return replace(model, temperature=best), result


def _log_density(
    seen: Observed, m: Float[np.ndarray, "k e"], scatter: float
) -> Float[np.ndarray, " n"]:
    """Logarithm of p(star | process), of the simulations of one."""
    centres = condense(m)
    tau = np.full(len(centres), scatter)
    arrays = (jnp.asarray(a, jnp.float32) for a in (seen.log_eps, seen.error, centres, tau))
    return log_mean(np.asarray(component_log_density(*arrays)))


def _log_loss(
    logit: Float[np.ndarray, " n"], label: Int[np.ndarray, " n"], weight: Float[np.ndarray, " n"]
) -> float:
    wrong = np.where(label == 1, -logit, logit)
    return float((weight * np.logaddexp(0.0, wrong)).sum())


def _auc(logit: Float[np.ndarray, " n"], label: Int[np.ndarray, " n"]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(label, logit))


def _reliability(
    logit: Float[np.ndarray, " n"], label: Int[np.ndarray, " n"], weight: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, " b"], Float[np.ndarray, " b"], Int[np.ndarray, " b"]]:
    p = 0.5 * (1.0 + np.tanh(0.5 * logit))
    which = np.digitize(p, BINS[1:-1])
    n = len(BINS) - 1
    total = np.bincount(which, weight, n)
    with np.errstate(invalid="ignore"):
        stated = np.bincount(which, weight * p, n) / total
        found = np.bincount(which, weight * label, n) / total
    return stated, found, np.bincount(which, minlength=n)
