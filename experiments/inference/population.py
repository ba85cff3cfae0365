"""What stripped stars and merger products tell about a cluster, by NUTS through the surrogate.

Needs: nothing but the package.

A survey counts merger products and stripped stars in three radial bins around a black hole of 4e6
Msun, and measures 24 masses of each to 0.1 Msun. Ten parameters are inferred: slope of the mass
function, slope of the cusp, velocity scale, density and age of the stars, and five of the survey.
NumPyro and BlackJAX sample the same density; emcee, which knows no gradient, is timed beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from surrogate import load
from surrogate.inference.chains import (
    Chains,
    diagnose,
    log_density,
    nuts_blackjax,
    nuts_numpyro,
    starts,
)
from surrogate.inference.nodes import spread_nodes
from surrogate.inference.survey import Observed
from surrogate.inference.survey_posterior import (
    PRIOR,
    SurveyPosterior,
    milky_way,
    mock,
    parameters,
    survey_nodes,
)
from surrogate.reports.posteriors import corner_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save

LABELS = {
    "slope": r"mass function $\alpha$",
    "cusp_slope": r"cusp $\gamma$",
    "velocity_scale": r"$\sigma/\sigma_0$",
    "density": r"$\rho/\rho_0$",
    "age": "age [Gyr]",
    "mass_scale": "mass scale",
    "found_merged": "mergers found",
    "found_stripped": "stripped found",
    "error_scale": "error scale",
    "interlopers": "interlopers",
}
COLUMNS = ("parameter", "truth", "mean", "sd", "R-hat", "ESS", "NumPyro - BlackJAX [sd]")
WALKERS = 40


def body(run: Run) -> None:
    target, truth = problem(points=32 if run.quick else 128)
    size = {"warmup": 150, "draws": 150} if run.quick else {"warmup": 500, "draws": 5000}
    chains, seconds = {}, {}
    for name, sampler in (("NumPyro", nuts_numpyro), ("BlackJAX", nuts_blackjax)):
        chains[name], seconds[name] = timed(sampler, target, jax.random.key(3), **size)
    table(run, truth, chains)
    speeds(run, target, chains, seconds)
    draw_corner(run, truth, chains)
    draw_checks(run, target, chains["NumPyro"])


def problem(points: int, seed: int = 5) -> tuple[SurveyPosterior, jax.Array]:
    """The posterior of a made-up survey, and the point that made it."""
    model, site = load("fast"), milky_way()
    truth = 0.7 * jax.random.normal(jax.random.key(seed), (len(PRIOR),))
    observed = mock(model, jax.random.key(seed + 1), truth)
    nodes = survey_nodes(model, site, points)
    return SurveyPosterior(model, site, nodes, observed), truth


def timed(
    sampler: Callable[..., Chains], target: SurveyPosterior, key: jax.Array, **size: int
) -> Any:
    """Chains, and the seconds that they took, compilation, warm-up and all."""
    begun = time.perf_counter()
    chains = jax.block_until_ready(sampler(target, key, chains=4, **size))
    return chains, time.perf_counter() - begun


def values(z: np.ndarray) -> np.ndarray:
    """Parameters of draws (n, 10), from where the prior is standard normal."""
    population, survey = parameters(jnp.asarray(z).T)
    return np.stack([*population, *survey], axis=1)


def table(run: Run, truth: jax.Array, chains: dict[str, Chains]) -> None:
    report = Report(run, "A population from its collisions", COLUMNS)
    found = {name: values(c.flat()) for name, c in chains.items()}
    told = {name: diagnose(c) for name, c in chains.items()}
    mean, sd = found["NumPyro"].mean(axis=0), found["NumPyro"].std(axis=0)
    gap = (mean - found["BlackJAX"].mean(axis=0)) / sd
    true = values(truth[None])[0]
    rhat = np.maximum(*(d.rhat for d in told.values()))
    for i, name in enumerate(PRIOR):
        ess = float(told["NumPyro"].ess[i])
        report.add(name, true[i], mean[i], sd[i], float(rhat[i]), ess, float(gap[i]))
    report.details["divergences"] = {name: d.divergences for name, d in told.items()}
    report.details["largest_rhat"] = float(rhat.max())
    report.note(f"divergences: {report.details['divergences']}; R-hat is the larger of the two")
    report.write()


def speeds(
    run: Run, target: SurveyPosterior, chains: dict[str, Chains], seconds: dict[str, float]
) -> None:
    """Effective samples a second of every sampler on the same likelihood, in one run."""
    report = Report(
        run,
        "Effective samples a second (least of ten parameters)",
        ("sampler", "seconds", "draws", "least ESS", "ESS per second", "over emcee"),
        stem="population_samplers",
    )
    draws, spent = walk(target, 100 if run.quick else 8000)
    ess = {name: float(diagnose(c).ess.min()) for name, c in chains.items()}
    ess["emcee"] = walkers_ess(draws)
    seconds = {**seconds, "emcee": spent}
    sizes = {name: len(c.flat()) for name, c in chains.items()} | {"emcee": draws[..., 0].size}
    slow = ess["emcee"] / spent
    for name, effective in ess.items():
        rate = effective / seconds[name]
        report.add(name, seconds[name], sizes[name], effective, rate, rate / slow)
    report.note("Seconds hold compilation and warm-up; emcee's first fifth is its warm-up.")
    report.write()


def walk(target: SurveyPosterior, steps: int) -> tuple[np.ndarray, float]:
    """Draws (steps, walkers, 10) of emcee's affine-invariant walkers, less the first fifth."""
    import emcee

    begun = time.perf_counter()
    density = jax.jit(jax.vmap(partial(log_density, target)))
    first = np.asarray(starts(target, jax.random.key(4), WALKERS))
    sampler = emcee.EnsembleSampler(
        WALKERS,
        len(PRIOR),
        lambda z: np.asarray(density(jnp.asarray(z, jnp.float32))),
        vectorize=True,
    )
    sampler.random_state = np.random.RandomState(0).get_state()
    sampler.run_mcmc(first, steps)
    return sampler.get_chain(discard=steps // 5), time.perf_counter() - begun


def walkers_ess(draws: np.ndarray) -> float:
    """Least effective number of draws, by emcee's own autocorrelation time."""
    from emcee.autocorr import integrated_time

    return float(draws[..., 0].size / np.max(integrated_time(draws, quiet=True)))


def draw_corner(run: Run, truth: jax.Array, chains: dict[str, Chains]) -> None:
    """The five parameters of the population, by both samplers."""
    samples = {name: values(c.flat())[:, :5] for name, c in chains.items()}
    true = values(truth[None])[0][:5]
    save(corner_plot(samples, list(LABELS.values())[:5], [float(t) for t in true]), run)


def draw_checks(run: Run, target: SurveyPosterior, chains: Chains) -> None:
    """What the posterior predicts beside what was seen, and how often it exceeds that."""
    z = chains.flat()[:: max(1, len(chains.flat()) // 400)]
    keys = jax.random.split(jax.random.key(7), len(z))
    # Surveys are drawn from all encounters, not from the points that make up the likelihood.
    wide = SurveyPosterior(target.model, target.site, spread_nodes(3, 2048), target.observed)
    seen = jax.jit(lambda z, k: jax.lax.map(lambda a: wide.predict(*a), (z, k)))(z, keys)
    predicted = {k: np.asarray(v) for k, v in statistics(seen).items()}
    observed = {k: float(v) for k, v in statistics(target.observed).items()}
    report = Report(
        run,
        "Posterior predictive checks",
        ("statistic", "observed", "predicted 5 %", "50 %", "95 %", "p"),
        stem="population_checks",
    )
    for name, draws in predicted.items():
        above = np.mean(draws > observed[name]) + 0.5 * np.mean(draws == observed[name])
        report.add(name, observed[name], *np.quantile(draws, (0.05, 0.5, 0.95)), float(above))
    report.note("p: share of predictions above what was seen; far from 0 and 1 is well.")
    report.write()
    save(boxes(predicted, observed), run, "population_checks")


def statistics(seen: Observed) -> dict[str, jax.Array]:
    """Counts and quartiles of the masses, with any leading axes."""
    found = {}
    for kind, name in enumerate(("mergers", "stripped")):
        for k in range(seen.counts.shape[-1]):
            found[f"{name}, bin {k + 1}"] = seen.counts[..., kind, k]
        n = seen.mass.shape[-1] // 2
        masses = seen.mass[..., kind * n : (kind + 1) * n]
        for q in (0.25, 0.5, 0.75):
            found[f"{name}, mass at {q:.0%}"] = jnp.quantile(masses, q, axis=-1)
    return found


def boxes(predicted: dict[str, np.ndarray], observed: dict[str, float]) -> plt.Figure:
    """Predictions about their median in units of their spread, and what was seen."""
    figure, axes = plt.subplots(figsize=(PAGE, 3.0))
    for i, (name, draws) in enumerate(predicted.items()):
        middle, width = np.median(draws), max(np.std(draws), 1e-6)
        low, q1, q3, high = (np.quantile(draws, (0.05, 0.25, 0.75, 0.95)) - middle) / width
        axes.plot([low, high], [i, i], color="0.6", linewidth=1.5)
        axes.plot([q1, q3], [i, i], color="#004488", linewidth=5, solid_capstyle="butt")
        axes.plot((observed[name] - middle) / width, i, "k+", markersize=9)
    axes.set_yticks(range(len(predicted)), list(predicted))
    axes.invert_yaxis()
    axes.set_xlabel("deviation from the median prediction [standard deviations]")
    axes.set_title("bars: 50 and 90 per cent of the predictions; cross: observed", fontsize=7)
    return figure


if __name__ == "__main__":
    start(body, __file__)
