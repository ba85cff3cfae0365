"""Flares: the whole bank, one object against it, and how they scale.

pytest benchmarks/bench_transients.py --benchmark-only
"""

from __future__ import annotations

import resource

import jax
import numpy as np
import pytest

from surrogate.transients.adaptive import draw_sites
from surrogate.transients.bank import simulate_bank
from surrogate.transients.flare import Physics, Site, simulate
from surrogate.transients.injection import Survey
from surrogate.transients.matching import scan
from surrogate.transients.nights import by_night
from surrogate.transients.templates import BankTemplates
from surrogate.transients.trials import Flares, make_trials
from surrogate.transients.verdict import Match, Matcher

BANK_SECONDS, OBJECT_SECONDS, BATCH_SECONDS, GIGABYTES = 60.0, 2.0, 0.2, 2.0


@pytest.fixture(scope="module")
def bank():
    return simulate_bank()


@pytest.fixture(scope="module")
def objects():
    random = np.random.default_rng(0)
    skies = [Survey().schedule(random, f"{i}") for i in range(100)]
    flares = Flares(draw_sites(random, 2000))
    return [trial.curve for trial in make_trials(flares, skies, random, [None] * len(skies))]


def test_papers_bank(benchmark):
    """18,432 simulations of 1,000 particles over 2,000 days, compilation included at first."""
    made = benchmark.pedantic(simulate_bank, rounds=3, warmup_rounds=0)
    assert len(made) == 18_432
    assert benchmark.stats.stats.max < BANK_SECONDS


def test_one_object_against_the_bank(benchmark, bank, objects):
    """All lit flares, five temperatures, all starts, and nothing else."""
    templates = BankTemplates(bank)
    nights = by_night(objects[0], 0.1)
    scan(nights, templates)
    benchmark(scan, nights, templates)
    assert benchmark.stats.stats.median < OBJECT_SECONDS


def test_batch_of_objects(benchmark, bank, objects):
    """With the other models and the best fit: what `surrogate transients match` does."""
    matcher = Matcher(BankTemplates(bank))
    list(matcher.match_all(objects[:3]))

    def run():
        return list(matcher.match_all(objects))

    answers = benchmark.pedantic(run, rounds=3)
    assert all(isinstance(answer, Match) for answer in answers)
    assert benchmark.stats.stats.median / len(objects) < BATCH_SECONDS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0**2
    benchmark.extra_info["peak memory [GiB]"] = peak
    assert peak < GIGABYTES


def test_one_flare(benchmark):
    """A light curve at 100 times, of 128 particles; the alternative to a bank."""
    t = np.geomspace(1.0, 1000.0, 100)
    flare = jax.jit(lambda M: simulate(Site(M, 100.0, 1.0, 0.0), t, 1.0, Physics(particles=128)))
    jax.block_until_ready(flare(1e7))
    benchmark(lambda: jax.block_until_ready(flare(1e7)))
