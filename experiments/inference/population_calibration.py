"""Are the posteriors of a population what they say? Simulation-based calibration.

Needs: nothing but the package; --full takes half an hour.

Populations are drawn from the prior, surveys from the population, and posteriors from NUTS. The
rank of each true value among the draws of its posterior is uniform if all is well (Talts et al.
2018). The surveys are drawn at the points that the likelihood sums over: what is tested is the
sampler and the likelihood, not the number of points.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from population import LABELS
from rich.console import Console
from rich.progress import track

from surrogate import load
from surrogate.inference.calibration import rank, uniformity
from surrogate.inference.chains import log_density, starts
from surrogate.inference.survey import observe
from surrogate.inference.survey_posterior import (
    MASS_ERROR,
    PRIOR,
    SurveyPosterior,
    milky_way,
    mock,
    parameters,
    survey_nodes,
)
from surrogate.learning.files import write_json
from surrogate.reports.posteriors import rank_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

Array = jax.Array

POINTS, N_MASSES = 64, 24
BATCH = 10
"""Replicates whose chains run side by side."""
THIN = 3
"""One draw of so many is kept."""
STEP = 0.4
"""Of the integration, in units of the width that the counts alone leave to a posterior."""
CLIMB, CALM = 25, 0.5
"""Steps towards the top of a posterior before its chain begins, and their damping."""
SETTINGS: dict[str, Any] = {
    "points": POINTS,
    "masses": N_MASSES,
    "batch": BATCH,
    "thin": THIN,
    "step": STEP,
    "climb": CLIMB,
    "prior": {name: list(known) for name, known in PRIOR.items()},
}
"""Ranks that were found with others, or by chains of another length, are not gone on with."""


class Length(NamedTuple):
    """Of a chain."""

    burn: int
    draws: int

    @property
    def kept(self) -> int:
        """Draws that a truth is ranked among: they and one more are a multiple of the bins."""
        return self.draws // THIN - 1


QUICK, FULL = Length(20, 60), Length(40, 180)


def body(run: Run) -> None:
    replicates, bins, length = (BATCH, 0, QUICK) if run.quick else (20 * BATCH, 10, FULL)
    file = run.folder / f"{run.name}_ranks.json"
    ranks, diverged = finished(file, length)
    todo = range(len(ranks), replicates, BATCH)
    if todo:
        ask_batch = prepare(length)
    for k in track(todo, "batches", console=Console(stderr=True), disable=not todo):
        found, bad = ask_batch(jax.random.split(jax.random.fold_in(jax.random.key(11), k), BATCH))
        ranks += np.asarray(found).tolist()
        diverged += int(bad.sum())
        write_json(file, {"settings": settings(length), "ranks": ranks, "divergences": diverged})
    report = Report(run, f"Ranks of {len(ranks)} replicates", ("parameter", "mean rank", "p"))
    p = uniformity(ranks, length.kept, bins) if bins else [None] * len(PRIOR)
    for name, mean, value in zip(PRIOR, np.mean(ranks, axis=0) / length.kept, p, strict=True):
        report.add(name, float(mean), None if value is None else float(value))
    report.note(f"p: chi^2 test of uniform ranks in {bins} bins. Divergences: {diverged}.")
    report.details |= {"divergences": diverged, "replicates": len(ranks)}
    report.write()
    save(rank_plot(ranks, length.kept, list(LABELS.values()), bins=bins or 2), run)


def settings(length: Length) -> dict[str, Any]:
    """All that the ranks depend on."""
    return SETTINGS | length._asdict()


def prepare(length: Length) -> Callable[[Array], tuple[Array, Array]]:
    """A function that ranks the truths of a batch of keys."""
    model, site = load("fast"), milky_way()
    nodes = survey_nodes(model, site, POINTS)
    # Only its shape matters: every replicate has a survey of its own.
    any_survey = mock(model, jax.random.key(1), jnp.zeros(len(PRIOR)), points=POINTS)
    pilot = SurveyPosterior(model, site, nodes, any_survey)
    return jax.jit(jax.vmap(partial(replicate, pilot, length)))


def covariance(target: SurveyPosterior, z: Array) -> Array:
    """Covariance that the prior and the Fisher information of the counts leave to a posterior."""

    def root(z: Array) -> Array:
        # Of Poisson counts the root has a variance of 1/4.
        return 2.0 * jnp.sqrt(target.sources(z).number.sum(axis=-1)).ravel()

    J = jax.jacfwd(root)(z)
    return jnp.linalg.inv(jnp.eye(len(z)) + J.T @ J)


def climb(target: SurveyPosterior, z: Array) -> Array:
    """Near the top of a posterior, by Fisher scoring with steps of at most one prior width."""

    def up(_: int, z: Array) -> Array:
        step = covariance(target, z) @ jax.grad(partial(log_density, target))(z)
        return z + CALM * step / jnp.maximum(1.0, jnp.linalg.norm(step))

    return jax.lax.fori_loop(0, CLIMB, up, z)


def finished(file: Path, length: Length) -> tuple[list[list[int]], int]:
    """Ranks that an earlier run has found, and divergent draws."""
    if not file.exists():
        return [], 0
    found = json.loads(file.read_text())
    if found.get("settings") != settings(length):
        raise ValueError(f"{file}: ranks of a run with other settings; move it away to begin anew")
    return found["ranks"], found["divergences"]


def replicate(pilot: SurveyPosterior, length: Length, key: Array) -> tuple[Array, Array]:
    """Ranks of the ten true values among draws of the posterior of a survey."""
    key_truth, key_survey, key_start, key_chain = jax.random.split(key, 4)
    truth = jax.random.normal(key_truth, (len(PRIOR),))
    _, survey = parameters(truth)
    observed = observe(key_survey, pilot.sources(truth), survey, N_MASSES, MASS_ERROR)
    target = replace(pilot, observed=observed)
    # The chain begins where the survey, not the truth, says.
    z = climb(target, starts(target, key_start, 1, 64)[0])
    sampler = blackjax.nuts(partial(log_density, target), STEP, covariance(target, z))

    def step(state: Any, key: Array) -> tuple[Any, tuple[Array, Array]]:
        state, info = sampler.step(key, state)
        return state, (state.position, info.is_divergent)

    keys = jax.random.split(key_chain, length.burn + length.draws)
    _, (z, bad) = jax.lax.scan(step, sampler.init(z), keys)
    kept = z[length.burn + THIN - 1 :: THIN][: length.kept]
    return rank(kept, truth), jnp.sum(bad[length.burn :])


if __name__ == "__main__":
    start(body, __file__)
