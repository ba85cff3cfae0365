"""One collision from what it left: its posterior, by several samplers.

Needs: nothing but the package.

Two remnants that were weighed tell of one encounter; NumPyro and BlackJAX sample it. A single
remnant of 1 Msun in 0.3 Msun of gas may be the product of a merger or a star that was stripped at
thousands of km/s: two modes, which tempering weighs and single chains do not, checked by brute
force. Posterior predictive checks ask whether the encounters explain what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import matplotlib.pyplot as plt
import numpy as np

from surrogate import load
from surrogate.cluster.mass_function import kroupa
from surrogate.collisions.predictive import Way
from surrogate.inference.aftermath import observed, way_probability
from surrogate.inference.chains import Chains, diagnose, nuts_blackjax, nuts_numpyro
from surrogate.inference.checks import predictive_check
from surrogate.inference.encounter_prior import EncounterPrior, LogUniform
from surrogate.inference.importance import weigh
from surrogate.inference.posterior import Posterior
from surrogate.inference.tempering import tempered
from surrogate.learning.progress import epochs_progress
from surrogate.reports.posteriors import corner_plot
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save

Array = np.ndarray

AGE = 1.0  # Gyr
MASSES = (0.2, 2.0)  # Msun: below the turn-off
SPEEDS = (10.0, 10_000.0)  # km/s
PAIR = observed((1.1, 0.02), (0.7, 0.02), ejecta=(0.1, 0.05))
"""Two remnants: one mode."""
SINGLE = observed((1.0, 0.02), ejecta=(0.3, 0.05))
"""One remnant: a merger, or a stripped star."""
BLOCK = 8192
CHECKED = 512
"""Draws of each posterior that are checked."""
LABELS = (
    r"$r_p$ [R$_\odot$]",
    r"$\log_{10} v_\infty$ [km s$^{-1}$]",
    r"$M_1$ [M$_\odot$]",
    r"$M_2$ [M$_\odot$]",
)
COLUMNS = (
    "remnants",
    "sampler",
    "R-hat",
    "ESS",
    "divergences",
    "P(merger)",
    "ln evidence",
    "p of check",
)


class Length(NamedTuple):
    """Of a chain."""

    warmup: int
    draws: int


@dataclass(frozen=True)
class Size:
    """How much work."""

    pair: Length
    single: Length
    particles: int
    brute: int


QUICK = Size(Length(300, 600), Length(300, 600), 512, 131_072)
"""Chains of one length are compiled once."""
FULL = Size(Length(1000, 2000), Length(1000, 2000), 16_384, 20_000_000)


def body(run: Run) -> None:
    size = QUICK if run.quick else FULL
    model, prior = load("fast"), EncounterPrior(kroupa(*MASSES), LogUniform(*SPEEDS), AGE)
    report = Report(run, "One collision from what it left", COLUMNS)
    pair(run, report, Posterior(model, prior, PAIR), size)
    single(run, report, Posterior(model, prior, SINGLE), size)
    report.write()


def pair(run: Run, report: Report, posterior: Posterior, size: Size) -> None:
    """Two remnants: NumPyro and BlackJAX agree."""
    chains = {
        "NumPyro": nuts_numpyro(
            posterior, jax.random.key(0), **size.pair._asdict(), progress=not run.quick
        ),
        "BlackJAX": nuts_blackjax(posterior, jax.random.key(1), **size.pair._asdict()),
    }
    for name, found in chains.items():
        add(report, "two", name, posterior, found)
    report.details["largest difference of means [errors]"] = difference(*chains.values())
    drawn = {name: tell(posterior, found.flat())[0] for name, found in chains.items()}
    save(corner_plot(drawn, LABELS), run, "single_corner_pair")
    check(run, posterior, chains["BlackJAX"].flat())


def single(run: Run, report: Report, posterior: Posterior, size: Size) -> None:
    """One remnant: tempering weighs both modes, a chain stays in one."""
    crowd = tempered(posterior, jax.random.key(2), particles=size.particles, ess=0.9)
    chains = nuts_blackjax(posterior, jax.random.key(1), **size.single._asdict())
    with epochs_progress("brute force", 0, size.brute) as done:
        brute = weigh(posterior, jax.random.key(3), size.brute, report=lambda i, _: done(i, {}))
    crowd_parameters, p = tell(posterior, crowd.draws)
    share, error = brute.mean(tell(posterior, brute.draws)[1])
    _, p_value = predictive_check(posterior, thinned(crowd.draws), jax.random.key(4))
    evidence = float(crowd.log_evidence)
    row = ("one", "tempering", None, None, None, float(p.mean()), evidence)
    report.add(*row, float(p_value))
    row = ("one", "brute force", None, brute.ess, None, float(share))
    report.add(*row, brute.log_evidence, None)
    add(report, "one", "BlackJAX", posterior, chains)
    chain_parameters, p = tell(posterior, chains.flat())
    in_chains = p.reshape(chains.diverging.shape).mean(axis=1)
    report.details["P(merger) in each chain"] = in_chains.tolist()
    report.details["standard error of P(merger) by brute force"] = float(error)
    report.note(
        "R-hat: the largest, ESS: the least of any parameter; P(merger): posterior probability"
    )
    report.note("that the remnant is the product of a merger; p of the posterior predictive check.")
    drawn = {
        "tempering": crowd_parameters,
        "a single chain": chain_parameters[: size.single.draws],
    }
    save(corner_plot(drawn, LABELS), run, "single_corner_modes")


def add(report: Report, case: str, sampler: str, posterior: Posterior, chains: Chains) -> None:
    """A row of chains."""
    rhat, ess, divergences = diagnose(chains)
    _, p_value = predictive_check(posterior, thinned(chains.flat()), jax.random.key(4))
    merged = float(tell(posterior, chains.flat())[1].mean())
    row = (case, sampler, float(rhat.max()), float(ess.min()), divergences, merged)
    report.add(*row, None, float(p_value))


def difference(a: Chains, b: Chains) -> float:
    """Largest difference of the means of two samplers, in its own Monte Carlo error."""
    means = [np.asarray(c.flat()).mean(axis=0) for c in (a, b)]
    errors = [np.asarray(c.flat()).var(axis=0) / diagnose(c).ess for c in (a, b)]
    return float(np.max(np.abs(means[0] - means[1]) / np.sqrt(sum(errors))))


@jax.jit
def _tell(posterior: Posterior, z: jax.Array) -> tuple[jax.Array, jax.Array]:
    def one(z: jax.Array) -> tuple[jax.Array, jax.Array]:
        ways = way_probability(posterior.predictive(z), posterior.aftermath)
        return posterior.parameters(z), ways[Way.MERGER]

    return jax.vmap(one)(z)


def tell(posterior: Posterior, z: jax.Array) -> tuple[Array, Array]:
    """Parameters of draws, the speed in its logarithm, and the probability of a merger."""
    blocks = [np.asarray(z[i : i + BLOCK]) for i in range(0, len(z), BLOCK)]
    # Of one length: one compilation.
    blocks = [np.pad(b, ((0, BLOCK - len(b)), (0, 0)), mode="edge") for b in blocks]
    told = [_tell(posterior, b) for b in blocks]
    parameters, merged = (np.concatenate(x)[: len(z)] for x in zip(*told, strict=True))
    parameters[:, 1] = np.log10(parameters[:, 1])
    return parameters, merged


def thinned(draws: jax.Array) -> jax.Array:
    """Draws for the check, as many for every sampler."""
    return draws[:: len(draws) // CHECKED][:CHECKED]


def check(run: Run, posterior: Posterior, draws: jax.Array) -> None:
    """Masses that the posterior expects to be measured, and those that were."""
    made, _ = predictive_check(posterior, thinned(draws), jax.random.key(4))
    two = np.asarray(made.remnants) == 2
    seen = posterior.aftermath
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.0))
    shown = {
        "heavier remnant": (np.max(made.masses, axis=1), seen.masses[0], seen.errors[0]),
        "lighter remnant": (np.min(made.masses, axis=1), seen.masses[1], seen.errors[1]),
        "unbound": (made.unbound, seen.unbound, seen.unbound_error),
    }
    for ax, (name, (found, mass, error)) in zip(axes, shown.items(), strict=True):
        ax.hist(np.asarray(found)[two], bins=40, density=True, color="0.75", label="expected")
        ax.axvspan(mass - error, mass + error, color="#004488", alpha=0.25, linewidth=0)
        ax.axvline(mass, color="#004488", label="measured")
        ax.set(
            xlabel=rf"mass of the {name} [M$_\odot$]".replace("the unbound", "unbound gas"),
            yticks=[],
        )
    axes[0].legend()
    save(figure, run, "single_check")


if __name__ == "__main__":
    start(body, __file__)
