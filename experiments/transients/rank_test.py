"""Are the posteriors of flares true? Simulation-based calibration.

Needs: the inference extra; --full takes three quarters of an hour.

Flares are drawn from a prior, observed on the nights of a survey, and inferred. If the posteriors
are right, the ranks of the truth among their draws are uniform (Talts et al. 2018), and so is that
of its likelihood (Modrak et al. 2023). The prior is narrower than that of real events, so that half
of the flares are seen well; the others stay, as leaving them out would change the prior.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.progress import track

from surrogate.inference.calibration import rank, uniformity
from surrogate.learning.files import write_json
from surrogate.reports.posteriors import rank_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import save
from surrogate.transients.flare import Physics
from surrogate.transients.guide import Guide, sample_flare
from surrogate.transients.injection import Survey
from surrogate.transients.posterior import NAMES, FlarePosterior, Prior

Array = jax.Array

PRIOR = {
    "log_black_hole": (6.0, 7.5),
    "log_r_init": (1.7, 2.7),
    "theta": (0.3, np.pi / 2.0),
    "start": (0.0, 250.0),
    "log_ejecta": (-2.9, -2.0),
    "z": (0.1, 0.0),
}
Z = 0.1
SURVEY = Survey(years=1.5, every=5.0)
NIGHTS = 48
PHYSICS = {"particles": 64, "nodes": 8}
KEPT = 63
"""Draws that a truth is ranked among: their number and one more is a multiple of the bins."""
SEEN = 10.0
"""Signal-to-noise ratio."""


class Plan(NamedTuple):
    """How much work."""

    replicates: int
    bins: int
    particles: int
    guide: int
    """Light curves that the guide is made of."""


QUICK, FULL = Plan(10, 2, 64, 2048), Plan(200, 8, 256, 16_384)
LABELS = {
    "log_black_hole": r"$\log M$",
    "log_r_init": r"$\log r_{\rm init}$",
    "theta": r"$\theta$",
    "start": "start",
    "log_ejecta": "log ejecta",
    "log_alpha": r"$\log\alpha$",
    "log_aspect": r"$\log h/r$",
    "log_temperature": r"$\log T$",
    "log_likelihood": r"$\ln L$",
}
SEED = 14


def body(run: Run) -> None:
    plan = QUICK if run.quick else FULL
    file = run.folder / f"{run.name}_ranks.json"
    settings = settings_of(plan)
    ranks, strength = finished(file, settings)
    todo = range(len(ranks), plan.replicates)
    prior, physics = Prior(**PRIOR), Physics(**PHYSICS)
    guide = Guide(prior, physics, jax.random.key(2), plan.guide) if todo else None
    for k in track(todo, "flares", console=Console(stderr=True), disable=not todo):
        key = jax.random.fold_in(jax.random.key(SEED), k)
        found, sn = replicate(guide, plan.particles, key)
        ranks.append(found)
        strength.append(sn)
        write_json(file, {"settings": settings, "ranks": ranks, "signal to noise": strength})
    report = Report(run, f"Ranks of {len(ranks)} replicates", ("parameter", "mean rank", "p"))
    p = uniformity(ranks, KEPT, plan.bins)
    for name, mean, value in zip(LABELS, np.mean(ranks, axis=0) / KEPT, p, strict=True):
        report.add(name, float(mean), float(value))
    seen = float(np.mean(np.array(strength) > SEEN))
    report.note(f"p: chi^2 test of uniform ranks in {plan.bins} bins. Signal-to-noise ratios above")
    report.note(f"{SEEN:g}: {seen:.0%}.")
    report.details |= {"replicates": len(ranks), "seen": seen, "draws": KEPT}
    report.write()
    save(rank_plot(ranks, KEPT, list(LABELS.values()), bins=plan.bins), run)


def settings_of(plan: Plan) -> dict[str, object]:
    """What ranks rest on: those that were found with others are not gone on with."""
    return {
        "prior": {name: list(bounds) for name, bounds in PRIOR.items()},
        "nights": NIGHTS,
        "physics": PHYSICS,
        "particles": plan.particles,
        "guide": plan.guide,
        "draws": KEPT,
        "seed": SEED,
        "ranks": list(LABELS),
    }


def finished(file: Path, settings: dict[str, object]) -> tuple[list[list[int]], list[float]]:
    """Ranks that an earlier run has found, and signal-to-noise ratios."""
    if not file.exists():
        return [], []
    found = json.loads(file.read_text())
    if found.get("settings") != json.loads(json.dumps(settings)):
        raise ValueError(f"{file}: ranks of a run with other settings; move it away to begin anew")
    return found["ranks"], found["signal to noise"]


def replicate(guide: Guide, particles: int, key: Array) -> tuple[list[int], float]:
    """Ranks of the truth among draws of the posterior of a flare, and how well it is seen."""
    key_nights, key_truth, key_noise, key_draws = jax.random.split(key, 4)
    empty = nights(guide, key_nights)
    truth = empty.sample_prior(key_truth)
    flux = predicted(empty, truth)
    seen = flux + empty.error * jax.random.normal(key_noise, flux.shape)
    posterior = replace(empty, flux=seen)
    draws = sample_flare(posterior, guide, key_draws, particles=particles).draws
    if not bool(jnp.all(jnp.isfinite(draws))):
        raise ValueError("tempering did not arrive at the likelihood")
    found = rank(
        measured(posterior, draws[:: particles // KEPT][:KEPT]), measured(posterior, truth[None])[0]
    )
    return found.tolist(), float(jnp.sqrt(jnp.sum((flux / empty.error) ** 2)))


def nights(guide: Guide, key: Array) -> FlarePosterior:
    """A posterior that waits for its fluxes: as many nights for every replicate."""
    random = np.random.default_rng(np.asarray(jax.random.bits(key, (4,))))
    sky = SURVEY.schedule(random)
    sky = sky.take(np.sort(random.permutation(len(sky))[:NIGHTS]))
    time = jnp.asarray((sky.mjd - sky.mjd[0]) / (1.0 + Z), jnp.float32)
    error = jnp.asarray(sky.error, jnp.float32)
    bands = ("ztfg", "ztfr")
    band = jnp.asarray([bands.index(name) for name in sky.band.tolist()])
    return FlarePosterior(
        time, jnp.zeros_like(time), error, band, Z, 0.0, guide.prior, guide.physics, bands
    )


@jax.jit
def predicted(posterior: FlarePosterior, u: Array) -> Array:
    return posterior.predicted(posterior.prior.parameters(u))


@jax.jit
def measured(posterior: FlarePosterior, u: Array) -> Array:
    """What is ranked, in the order of `LABELS`."""
    at = np.array([NAMES.index(name) for name in list(LABELS)[:-1]])
    log_l = jax.vmap(posterior.log_likelihood)(u)
    return jnp.concatenate([posterior.parameters(u)[:, at], log_l[:, None]], axis=1)


if __name__ == "__main__":
    start(body, __file__)
