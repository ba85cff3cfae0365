"""Are the posteriors of a population what they say? Simulation-based calibration.

Needs: nothing but the package; --full takes half an hour.

Populations are drawn from the prior, surveys from the population, and posteriors from NUTS. The
rank of each true value among the draws of its posterior is uniform if all is well (Talts et al.
2018). The surveys are drawn at the points that the likelihood sums over: what is tested is the
sampler and the likelihood, not the number of points.
"""

from __future__ import annotations

import json
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from population import LABELS
from rich.console import Console
from rich.progress import track

from surrogate import load
from surrogate.inference.calibration import rank, uniformity
from surrogate.inference.chains import nuts_blackjax
from surrogate.inference.nodes import Nodes
from surrogate.inference.population import Population, ask, seeing_nodes
from surrogate.inference.survey import observe, sources
from surrogate.inference.survey_posterior import (
    MASS_ERROR,
    PRIOR,
    SurveyPosterior,
    milky_way,
    parameters,
)
from surrogate.learning.files import write_json
from surrogate.reports.posteriors import rank_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save

POINTS = 64
DRAWS, THIN, WARMUP = 240, 4, 200
KEPT = DRAWS // THIN - 1
"""Draws that a truth is ranked among: their number and one more is a multiple of the bins."""
N_MASSES = 24


def body(run: Run) -> None:
    replicates, bins = (8, 0) if run.quick else (220, 12)
    file = run.folder / f"{run.name}_ranks.json"
    ranks, diverged = finished(file)
    model, site = load("fast"), milky_way()
    nodes = seeing_nodes(model, Population(), site, POINTS)
    ask_one = jax.jit(partial(replicate, model, nodes))
    todo = range(len(ranks), replicates)
    for k in track(todo, "replicates", console=Console(stderr=True), disable=not todo):
        found, bad = ask_one(jax.random.fold_in(jax.random.key(11), k))
        ranks.append([int(r) for r in found])
        diverged += int(bad)
        write_json(file, {"ranks": ranks, "divergences": diverged})
    report = Report(run, f"Ranks of {replicates} replicates", ("parameter", "mean rank", "p"))
    p = uniformity(ranks, KEPT, bins) if bins else np.full(len(PRIOR), np.nan)
    for name, mean, value in zip(PRIOR, np.mean(ranks, axis=0) / KEPT, p, strict=True):
        report.add(name, float(mean), float(value) if bins else None)
    report.note(f"p: chi^2 test of uniform ranks in {bins} bins. Divergences: {diverged}.")
    report.details |= {"divergences": diverged, "replicates": replicates}
    report.write()
    save(rank_plot(ranks, KEPT, list(LABELS.values()), bins=bins or 4), run)


def finished(file) -> tuple[list[list[int]], int]:
    """Ranks that an earlier run has found, and divergent draws."""
    if not file.exists():
        return [], 0
    found = json.loads(file.read_text())
    return found["ranks"], found["divergences"]


def replicate(model, nodes: Nodes, key: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Ranks of the ten true values among draws of the posterior of a survey."""
    key_truth, key_survey, key_chain = jax.random.split(key, 3)
    site = milky_way()
    truth = jax.random.normal(key_truth, (len(PRIOR),))
    population, survey = parameters(truth)
    made = sources(*ask(model, population, site, nodes), survey)
    observed = observe(key_survey, made, survey, N_MASSES, MASS_ERROR)
    target = SurveyPosterior(model, site, nodes, observed)
    chains = nuts_blackjax(target, key_chain, chains=1, warmup=WARMUP, draws=DRAWS)
    return rank(chains.draws[0, THIN - 1 :: THIN][:KEPT], truth), jnp.sum(chains.diverging)


if __name__ == "__main__":
    start(body, __file__)
