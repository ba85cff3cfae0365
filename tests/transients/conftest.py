"""A small bank, and flares seen by a survey."""

import numpy as np
import pytest

from surrogate.transients.bank import simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.injection import Survey, inject
from surrogate.transients.observer import Spectrum
from surrogate.transients.templates import BankTemplates


@pytest.fixture(scope="session")
def bank():
    """Masses and angles of the paper's grid, near the black hole, on coarse rings."""
    axes = ([1e6, 1e7, 1e8], [50.0, 100.0, 500.0], [0.0, 0.8, 1.4])
    grid = np.stack(np.meshgrid(*axes, [0.0], indexing="ij"), axis=-1).reshape(-1, 4)
    return simulate_bank(grid, physics=Physics(particles=200))


@pytest.fixture(scope="session")
def templates(bank):
    return BankTemplates(bank)


@pytest.fixture
def observe(templates):
    """Observes a flare of the bank: ejecta [Msun], start [days after the first night]."""

    def see(shape, ejecta=0.03, start=150.3, z=0.08, seed=0, temperature=2e4, survey=None):
        random = np.random.default_rng(seed)
        sky = (survey or Survey(years=1.5)).schedule(random, f"flare {shape}")
        curve, _ = inject(
            sky,
            lambda t: ejecta * templates.light(shape, t),
            sky.mjd[0] + start,
            z,
            random,
            spectrum=Spectrum(temperature),
        )
        return curve

    return see
