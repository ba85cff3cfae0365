"""A network of made-up nuclei, the real one where its tables lie, and what is compiled once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.enrichment.network.captures import NO_RATE, T9_NODES
from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.fission import Z_FIRST, Fragments
from surrogate.enrichment.network.network import Network, load_network
from surrogate.enrichment.network.nuclei import Z_LAST, stable_charge
from surrogate.enrichment.network.step import advance

WIDTH = 60


def made_up(seed=0):
    """Every element with 60 isotopes, liquid drops with rates at random."""
    random = np.random.default_rng(seed)
    row = np.arange(Z_LAST + 1)
    first = np.maximum((row + 0.0045 * row**2).astype(int) - 2, 0)
    shape = (len(row), WIDTH)
    z = np.broadcast_to(row[:, None], shape)
    n = first[:, None] + np.arange(WIDTH)
    a = z + n
    mask = (z > 0) & (a > 0)
    best = np.maximum(np.round(stable_charge(np.maximum(a, 1))), 1)
    light = (z <= 2) & (a <= 4)
    speed = 10.0 ** random.uniform(-2.0, 3.0, shape)
    beta = np.where((z < best) & (z < Z_LAST) & ~light, speed, 0.0)
    plus = np.where((z > best) & ~light, speed, 0.0)
    emitted = random.dirichlet(np.ones(4), shape)
    inside = n - 1 - np.arange(4)[:, None, None] - np.roll(first, -1)[:, None] >= 0
    emitted = np.moveaxis(emitted, -1, 0) * inside
    emitted /= np.maximum(emitted.sum(0), 1e-300)
    beta = beta * inside[0]
    heavy = z >= Z_FIRST
    alpha = np.where(heavy & (np.arange(WIDTH) < 20), speed, 0.0)
    spontaneous = np.where(heavy & (a > 250), 1e-2 * speed, 0.0)
    af = np.maximum(a, 1).astype(float)
    binding = 15.75 * af - 17.8 * af ** (2 / 3) - 0.711 * z**2 / af ** (1 / 3)
    binding = np.where(a > 1, binding - 23.7 * (af - 2 * z) ** 2 / af, 0.0)
    q = np.diff(binding, axis=1, prepend=0.0)
    balance = np.log(2.0 * 9.8685e9) + 1.5 * np.log(np.maximum(af - 1.0, 1.0) / af)
    balance[:, 0], q[:, 0] = NO_RATE, 0.0
    capture = np.where(mask, np.log(10.0 ** random.uniform(4.0, 7.0, shape)), NO_RATE)
    capture[:, -1] = NO_RATE
    induced = np.where((a > 230)[Z_FIRST:], np.log(1e6), NO_RATE)
    nodes = np.ones((len(T9_NODES), 1, 1))
    return Network(
        first=first,
        mask=mask,
        ln_capture=capture * nodes,
        q=q,
        balance=balance,
        ln_partition=np.zeros(shape) * nodes,
        binding=binding,
        ln_weight=np.zeros(shape),
        beta=beta * mask,
        emitted=emitted,
        plus=plus * mask,
        alpha=alpha * mask,
        ln_induced=induced * nodes,
        spontaneous=spontaneous,
        delayed=np.where(z >= 92, 0.3, 0.0) * (beta > 0.0),
        ln_alpha=np.full((3, len(T9_NODES)), NO_RATE),
        fragments=Fragments().table(int(a.max()) + 1),
        prompt=np.asarray(4.0),
    )


def some_state(network, y_n=0.3, seed=1):
    """A composition of everything, with a share of free neutrons."""
    random = np.random.default_rng(seed)
    nuclei = network.nuclei
    y = 10.0 ** random.uniform(-12.0, -3.0, nuclei.mask.shape) * nuclei.mask
    y *= (1.0 - y_n) / (y * nuclei.a).sum()
    return State(jnp.asarray(y), jnp.asarray(y_n))


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def network():
    return made_up()


@pytest.fixture(scope="session")
def free_step():
    """A step whose neutrons are what remains."""
    return jax.jit(lambda *args: advance(*args))


@pytest.fixture(scope="session")
def kept_step():
    """A step under a given number of neutrons."""

    def step(network, state, h, rho, t9, y_n):
        return advance(network, state, h, rho, t9, y_n, y_n)

    return jax.jit(step)


@pytest.fixture(scope="session")
def real(data):
    """The network of the real tables."""
    return load_network(data)
