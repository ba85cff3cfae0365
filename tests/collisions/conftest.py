"""What several of these tests ask for. Every registered model goes through the same battery."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate import Encounter
from surrogate.collisions.grid import Grid
from surrogate.collisions.models import MODELS
from surrogate.collisions.pair import arrange
from surrogate.collisions.structure import main_sequence, radius


def pytest_collection_modifyitems(config, items):
    """With `--dist loadgroup` each model, and each other module, is compiled on one core alone."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            parameters = getattr(item, "callspec", None)
            model = parameters.params.get("model") if parameters else None
            item.add_marker(pytest.mark.xdist_group(model or item.path.stem))


QUICK = "fast"
"""The model that every run tests, for it compiles soonest; the slow tests have the others, too."""


def battery(models):
    """Names of models as parameters of a test, slow where the model is not the quick one."""
    return [pytest.param(m, marks=() if m == QUICK else pytest.mark.slow) for m in models]


@pytest.fixture(scope="session", params=battery(MODELS))
def model(request):
    return surrogate.load(request.param)


@pytest.fixture(scope="session")
def gradients(model):
    """Gradients of a sum of the final masses, each with a weight of its own, by age to vinf."""

    def total(age, m1, m2, rp, vinf, smooth):
        o = model(age, m1, m2, rp, vinf, smooth=smooth)
        return jnp.sum(o.m1_final + 0.7 * o.m2_final - 0.3 * o.m_unbound)

    compiled = jax.jit(jax.grad(total, argnums=range(5)), static_argnames="smooth")
    return lambda e, smooth: compiled(*e[:5], smooth=smooth)


@pytest.fixture(scope="session")
def random_encounters():
    """Makes encounters over the whole domain and its edges."""

    def make(n, seed=0):
        rng = np.random.default_rng(seed)
        m1, m2 = 10 ** rng.uniform(np.log10(0.2), np.log10(64.0), (2, n))
        age = 10 ** rng.uniform(-4.7, np.log10(13.7), n)
        vinf = 10 ** rng.uniform(0.0, np.log10(16000.0), n)
        contact = np.asarray(radius(m1, age) + radius(m2, age))
        rp = contact * rng.uniform(0.0, 3.0, n)
        edges = rng.integers(0, 8, n)
        rp = np.select([edges == 0, edges == 1], [0.0, contact], rp)
        vinf = np.where(edges == 2, 0.0, vinf)
        m2 = np.where(edges == 3, m1, m2)
        return Encounter(*(x.astype(np.float32) for x in (age, m1, m2, rp, vinf)))

    return make


@pytest.fixture(scope="session")
def encounters(model, random_encounters):
    """A few blocks of the model and a bit: tests that share this length share a compilation."""
    return random_encounters(max(2 * MODELS[model.kind].block, 4096) + 100)


@pytest.fixture(scope="session")
def swap():
    """Names the other star first."""

    def swapped(e):
        age, age2 = (e.age, None) if e.age2 is None else (e.age2, e.age)
        return Encounter(age, e.m2, e.m1, e.rp, e.vinf, e.r2, e.r1, age2, e.rh2, e.rh1)

    return swapped


@pytest.fixture(scope="session")
def swap_outcome():
    """Names the other star first in an outcome."""

    def swapped(o):
        return o._replace(
            p_survivor1=o.p_survivor2,
            p_survivor2=o.p_survivor1,
            m1_final=o.m2_final,
            m2_final=o.m1_final,
            m1_bounds=o.m2_bounds,
            m2_bounds=o.m1_bounds,
        )

    return swapped


@pytest.fixture(scope="session")
def arranged():
    """The `Pair` of an encounter of main-sequence stars."""
    return jax.jit(lambda e: arrange(e, main_sequence()))


@pytest.fixture(scope="session")
def exchanged():
    """Puts star 2 of a `Pair` first, which `arrange` never does."""

    def exchange(pair):
        names = ("age", "m", "r", "profile", "core")
        stars = {f"{name}{k}": getattr(pair, f"{name}{3 - k}") for name in names for k in (1, 2)}
        return pair._replace(**stars)

    return exchange


@pytest.fixture(scope="session")
def synthetic_grid():
    """Makes collisions by a rule: slow ones merge, fast and deep ones destroy one star or both."""

    def make(n, seed=0):
        rng = np.random.default_rng(seed)
        m1, m2 = np.sort(rng.uniform(0.2, 10.0, (2, n)), axis=0)[::-1]
        rp, vinf = rng.uniform(0.0, 2.0, n), 10 ** rng.uniform(1.0, 4.2, n)
        fate = np.select([vinf < 500, (rp < 0.4) & (m1 < 2 * m2), rp < 0.4], [1, 0, 3], default=2)
        left = [0.95 * (m1 + m2), 0.99 * m1, 0.3 * m1]
        return Grid(
            age=rng.uniform(0.01, 1.0, n),
            rp=rp,
            vinf=vinf,
            m1=m1,
            m2=m2,
            r1=m1,
            r2=m2,
            fate=fate,
            m1_final=np.select([fate == 1, fate == 2, fate == 3], left),
            m2_final=np.where(fate == 2, 0.98 * m2, 0.0),
            sigma=np.ones(n, int),
            metallicity=np.full(n, 0.01),
        )

    return make
