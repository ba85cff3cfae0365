"""What to measure next: the element that is expected to say most about the process.

Given what is measured, each simulation k predicts the next abundance as a Gaussian around
m_kj + offset_k, of variance tau^2 + sigma^2 + 1 / P_k (see `generative`; the last term is how well
the offset is known). Their mixture p(y | process) tells how likely every outcome is, and what it
would make of the probabilities. The expected information is

    I = H(process) - integral p(y) H(process | y) dy >= 0,

and the chance of change is the probability of those y for which another process would be likeliest.
Both integrals are sums over a grid of y.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.classifiers.generative import (
    ERROR,
    LEAST,
    Generative,
    Observed,
    component_log_density,
    probabilities,
)
from surrogate.enrichment.classifiers.training import PROCESSES

if TYPE_CHECKING:
    from jaxtyping import Array, Float

STEPS: Final = 400
"""Of the grid of outcomes."""
WIDTH: Final = 5.0
"""How far the grid goes beyond the outermost prediction, in standard deviations."""


class Gain(NamedTuple):
    """What measuring an element would bring."""

    element: str
    information: float
    """Expected [bit]; a choice between two even processes is 1."""
    change: float
    """Probability that another process would be the likeliest afterwards."""


def next_elements(
    model: Generative,
    seen: Observed,
    *,
    error: float = ERROR,
    candidates: Sequence[str] | None = None,
    prior: Mapping[str, float] | None = None,
) -> list[list[Gain]]:
    """Rank the elements that were not measured, for each star.

    Args:
        model: of two processes or more.
        seen: n stars, in the model's elements.
        error: standard deviation of a new measurement [dex].
        candidates: elements to choose from; the model's own by default.
        prior: as `generative.probabilities` takes it.

    Returns:
        For each star the best element first; none where fewer than two were measured.

    Raises:
        ValueError: a candidate is not of the model.
    """
    wanted = tuple(model.elements if candidates is None else candidates)
    if unknown := [e for e in wanted if e not in model.elements]:
        allowed = ", ".join(model.elements)
        raise ValueError(f"candidates = {unknown[0]}, allowed: {allowed}; choose of these")
    columns = [model.elements.index(e) for e in wanted]
    now = probabilities(model, seen, prior)
    information, change = _gains(model, seen, np.nan_to_num(now), error)
    ranked: list[list[Gain]] = []
    for i, measured in enumerate(seen.measured):
        gains = [
            Gain(model.elements[j], float(information[i, j]), float(change[i, j]))
            for j in columns
            if not measured[j] and measured.sum() >= LEAST
        ]
        ranked.append(sorted(gains, key=lambda gain: (-round(gain.information, 6), gain.element)))
    return ranked


def _gains(
    model: Generative, seen: Observed, now: Float[np.ndarray, "n processes"], error: float
) -> tuple[Float[np.ndarray, "n e"], Float[np.ndarray, "n e"]]:
    member = (model.label[:, None] == np.arange(len(PROCESSES))).astype(np.float32)
    tau = model.scatter[model.label]
    arrays = [jnp.asarray(a, jnp.float32) for a in (seen.log_eps, seen.error, now)]
    fixed = [jnp.asarray(a, jnp.float32) for a in (model.m, tau, member)]
    found = _all_stars(*arrays, *fixed, error)
    return np.asarray(found[0]), np.asarray(found[1])


@jax.jit
def _all_stars(
    log_eps: Array, sigma: Array, now: Array, m: Array, tau: Array, member: Array, error: Array
) -> tuple[Array, Array]:
    def one(star: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        return _one_star(*star, m, tau, member, error)

    return jax.lax.map(one, (log_eps, sigma, now))


def _one_star(
    log_eps: Array,
    sigma: Array,
    now: Array,
    m: Array,
    tau: Array,
    member: Array,
    error: Array,
) -> tuple[Array, Array]:
    log_weight = component_log_density(log_eps[None], sigma[None], m, tau)[0]
    # Of each simulation within its process.
    masked = jnp.where(member > 0, log_weight[:, None], -jnp.inf)
    weight = (jax.nn.softmax(jnp.where(jnp.isfinite(masked), masked, -1e30), axis=0) * member).T
    measured = jnp.isfinite(log_eps)
    precision = jnp.where(measured, 1.0 / (tau[:, None] ** 2 + sigma**2), 0.0)
    total = jnp.maximum(precision.sum(axis=1), 1e-6)
    residual = jnp.where(measured, log_eps - m, 0.0)
    offset = (precision * residual).sum(axis=1) / total
    deviation = jnp.sqrt(tau**2 + error**2 + 1.0 / total)
    per_element = jax.vmap(partial(_one_element, now, weight, deviation), in_axes=1)
    return per_element(m + offset[:, None])


def _one_element(now: Array, weight: Array, deviation: Array, mean: Array) -> tuple[Array, Array]:
    reach = WIDTH * deviation.max()
    y = jnp.linspace(mean.min() - reach, mean.max() + reach, STEPS)
    log_bell = -0.5 * ((y - mean[:, None]) / deviation[:, None]) ** 2
    bell = jnp.exp(log_bell) / deviation[:, None]
    joint = now[:, None] * (weight @ bell)
    p = joint.sum(axis=0)
    share = p / jnp.maximum(p.sum(), 1e-30)
    after = joint / jnp.maximum(p, 1e-30)
    information = _entropy(now) - (share * _entropy(after)).sum()
    change = (share * (after.argmax(axis=0) != now.argmax())).sum()
    return jnp.maximum(information, 0.0), change


def _entropy(p: Array) -> Array:
    """Of probabilities along the first axis [bit]."""
    return -jnp.where(p > 0.0, p * jnp.log2(jnp.where(p > 0.0, p, 1.0)), 0.0).sum(axis=0)
