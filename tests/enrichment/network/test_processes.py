"""The real network makes what the r-, i- and s-process are known for."""

import csv

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.enrichment.elements import SYMBOLS
from surrogate.enrichment.network.composition import total_mass
from surrogate.enrichment.network.expansion import Expansion
from surrogate.enrichment.network.run import run
from surrogate.enrichment.network.runs import beginning, expand, expand_all, exposure_time, pour
from surrogate.enrichment.network.stability import decayed, elements, fates
from surrogate.enrichment.network.trajectories import follow, read_trajectory
from surrogate.enrichment.solar import bracket

pytestmark = pytest.mark.slow
IRON = {(26, 28): 0.0585, (26, 30): 0.9175, (26, 31): 0.0212, (26, 32): 0.0028}
MEASURED = ("Ba", "La", "Nd", "Dy", "Er")
compiled = jax.jit(expand)


@pytest.fixture(scope="module")
def lasting(real):
    return fates(real)


def peaks(lasting, state):
    """Mass numbers of most nuclei near the second and the third peak."""
    by_mass = np.bincount(lasting.a, np.asarray(decayed(lasting, state)), minlength=260)
    return 110 + by_mass[110:150].argmax(), 180 + by_mass[180:205].argmax(), by_mass


@pytest.mark.parametrize("y_e", [0.05, 0.1, 0.15])
def test_a_merger_makes_both_peaks(real, lasting, y_e):
    state, track = compiled(real, Expansion(y_e, 10.0, 0.0071))
    assert abs(float(total_mass(real, state)) - 1.0) < 1e-6
    second, third, by_mass = peaks(lasting, state)
    assert abs(second - 130) <= 3
    assert abs(third - 195) <= 3
    assert by_mass[third] > 5.0 * by_mass[180]
    assert float(track.y_n[-1]) < 1e-5


def test_many_expansions_are_each_as_alone(real):
    y_e = np.array([0.1, 0.25])
    many, _ = jax.jit(expand_all)(real, Expansion(y_e, 10.0, 0.0071))
    for k, one in enumerate(y_e):
        alone, _ = compiled(real, Expansion(one, 10.0, 0.0071))
        np.testing.assert_allclose(many.y[k], alone.y, rtol=1e-6, atol=1e-15)
    assert not np.allclose(many.y[0], many.y[1], rtol=0.1)


def test_a_simulated_merger_makes_both_peaks(real, lasting, data):
    folder = data / "rprocess" / "winnet_trajectories" / "Example_NSM_dyn_ejecta_rosswog"
    history, y_e = follow(read_trajectory(folder / "nsm_representative.dat"))
    start = beginning(real, history, jnp.asarray(y_e), jnp.asarray(0.01))
    state, _ = jax.jit(run)(real, start, history)
    assert abs(float(total_mass(real, state)) - 1.0) < 1e-6
    second, third, _ = peaks(lasting, state)
    assert abs(second - 130) <= 3
    assert abs(third - 195) <= 3


def published(path):
    """log(X / Eu) of the models of a table, at the age next to 1 Gyr."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    models = {}
    for row in rows:
        models.setdefault(row["model"], []).append(row)
    chosen = [min(ages, key=lambda r: abs(float(r["age"]) - 1.0)) for ages in models.values()]
    return [[np.log10(float(r[x]) / float(r["Eu"])) for x in MEASURED] for r in chosen]


def test_medians_are_those_of_published_patterns(real, lasting, data):
    found = []
    for y_e in (0.1, 0.15, 0.18, 0.2, 0.22):
        for s in (10.0, 20.0):
            for tau in (0.005, 0.02):
                state, _ = compiled(real, Expansion(y_e, s, tau))
                y = np.asarray(elements(lasting, decayed(lasting, state)))
                found.append([np.log10(y[SYMBOLS.index(x) + 1] / y[63]) for x in MEASURED])
    folder = data / "rprocess" / "starfit"
    expected = np.median(published(folder / "just15.csv") + published(folder / "wu.csv"), axis=0)
    np.testing.assert_allclose(np.median(found, axis=0), expected, atol=0.3)


@pytest.mark.parametrize(
    ("n_n", "t9", "tau", "low", "high"),
    [
        (1e7, 0.09, 0.6, 0.8, 2.5),
        (1e8, 0.09, 1.0, 0.8, 2.5),
        (1e9, 0.09, 1.0, 0.8, 2.5),
        (1e13, 0.15, 3.0, 0.0, 0.8),
        (1e14, 0.15, 3.0, 0.0, 0.8),
        (1e15, 0.15, 3.0, 0.0, 0.8),
    ],
)
def test_neutrons_of_one_density_make_lanthanum_by_their_number(
    real, lasting, n_n, t9, tau, low, high
):
    seeds = {one: 1e-3 * share / 56.0 for one, share in IRON.items()}
    t = exposure_time(tau, n_n, t9) * np.geomspace(1e-4, 1.0, 150)
    state, _ = pour(real, seeds, n_n, t9, t=t)
    y = np.log10(np.asarray(elements(lasting, decayed(lasting, state))) + 1e-99)
    assert low < float(bracket(y[57], y[63], "La", "Eu")) < high
    # Alpha decays beyond lead make helium and keep the number of the others.
    assert float(state.y[3:].sum()) == pytest.approx(1e-3 / 56.0, rel=1e-3)
