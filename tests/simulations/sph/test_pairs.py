"""Sums over pairs do not depend on how they are tiled, nor on the device's kernel."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.simulations.sph.card import COLUMNS, ROWS, near_order, sum_on_card, touch
from surrogate.simulations.sph.pairs import pair_sum

N = 75  # more than one tile of a card, and no multiple of 7


REACH = 0.3
order_of = jax.jit(near_order)


class Points(NamedTuple):
    m: Any
    x: Any
    y: Any
    z: Any


def pair(i: Points, j: Points):
    """A symmetric term, one that is not, and one that depends on j alone."""
    x, y = i.x - j.x, i.y - j.y
    near = jnp.exp(-x * x - y * y)
    return j.m * near, j.m * near * x * i.y, j.m + 0 * x


def short(i: Points, j: Points):
    """What ends at `REACH`, where `far` begins."""
    r2 = (i.x - j.x) ** 2 + (i.y - j.y) ** 2 + (i.z - j.z) ** 2
    return j.m * jnp.maximum(REACH**2 - r2, 0.0), jnp.where(r2 < REACH**2, 2.0, 1.0) * j.m


def far(i: Points, j: Points):
    beyond = jnp.zeros_like(i.x - j.x)
    return beyond, beyond + j.m


def expected(p: Points):
    m, x, y, _ = (np.asarray(a, np.float64) for a in p)
    dx, dy = x[:, None] - x, y[:, None] - y
    near = np.exp(-(dx**2) - dy**2)
    return near @ m, (m * near * dx).sum(1) * y, np.full(len(m), m.sum())


def points(n=N, kind=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return Points(*(jnp.asarray(rng.uniform(0.1, 1, n), kind) for _ in range(4)))


def assert_sums(sums, p, rtol):
    for got, want in zip(sums, expected(p), strict=True):
        np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("width", [0, 1, 7, N - 1, N, 10 * N])
def test_every_width_gives_the_sum(width):
    p = points()
    assert_sums(pair_sum(pair, p, width), p, 1e-13)


def test_one_particle_alone():
    p = points(1)
    assert_sums(pair_sum(pair, p, 1), p, 1e-13)


@pytest.mark.parametrize("n", [5, COLUMNS, N])
def test_the_kernel_of_a_card_gives_the_sum(n):
    p = points(n, np.float32)
    sums = sum_on_card(pair, p, interpret=True)
    assert {a.dtype for a in sums} == {jnp.dtype("float32")}
    assert_sums(sums, p, 1e-5)


@pytest.mark.parametrize("width", [1, 7, N])
def test_many_sets_at_once(width):
    sets = [points(seed=seed) for seed in range(3)]
    stacked = Points(*(jnp.stack(a) for a in zip(*sets, strict=True)))
    together = jax.vmap(lambda p: pair_sum(pair, p, width))(stacked)
    for k, p in enumerate(sets):
        assert_sums([a[k] for a in together], p, 1e-13)


def test_many_sets_at_once_on_a_card():
    sets = [points(kind=np.float32, seed=seed) for seed in range(2)]
    stacked = Points(*(jnp.stack(a) for a in zip(*sets, strict=True)))
    together = jax.vmap(lambda p: sum_on_card(pair, p, interpret=True))(stacked)
    for k, p in enumerate(sets):
        assert_sums([a[k] for a in together], p, 1e-5)


@pytest.mark.parametrize("width", [1, 7, N + 5])
def test_particles_without_mass_do_nothing(width):
    p = points()
    more = Points(*(jnp.concatenate([a, jnp.ones(5)]) for a in p))
    more = more._replace(m=more.m.at[N:].set(0.0))
    sums = pair_sum(pair, more, width)
    assert_sums([a[:N] for a in sums], p, 1e-13)


def crowd(n=400, seed=0):
    """Two clumps, and a straggler far away."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, n)) + np.where(np.arange(n) % 2, 0.0, 8.0)
    x[:, 0] = 1e4
    return Points(*(jnp.asarray(a, jnp.float32) for a in (rng.uniform(0.1, 1, n), *x)))


def ordered(p: Points) -> Points:
    order = order_of(jnp.stack([p.x, p.y, p.z], -1))
    assert sorted(order.tolist()) == list(range(len(order)))
    return jax.tree.map(lambda a: a[order], p)


@pytest.mark.parametrize("arrange", [ordered, lambda p: p])
@pytest.mark.parametrize("law", [far, None])
def test_tiles_out_of_reach_give_what_is_far(arrange, law):
    p = arrange(crowd())
    reach = jnp.full(len(p.m), REACH)
    found = sum_on_card(short, p, reach, law, interpret=True)
    wanted = list(pair_sum(short, p))
    if law is None:  # then what is far counts nothing, where whole tiles are
        found, wanted = found[:1], wanted[:1]
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_neighbours_share_tiles():
    def share(p):
        return float(jnp.mean(touch(p, jnp.full(len(p.m), REACH))))

    mixed = crowd(16 * COLUMNS)
    assert share(mixed) > 0.9
    assert share(ordered(mixed)) < 0.4


def test_a_far_reach_touches_from_either_side():
    p = ordered(crowd(4 * COLUMNS))
    reach = jnp.full(len(p.m), REACH)
    far_one = reach.at[0].set(1e5)
    assert not bool(touch(p, reach).all())
    touched = touch(p, far_one)
    assert bool(touched[0].all())
    assert bool(touched[:, 0].all())


@pytest.mark.parametrize("n", [1, ROWS, ROWS + 1, 3 * ROWS, 100])
def test_an_order_has_everyone_once(n):
    x = np.random.default_rng(n).normal(size=(n, 3))
    assert sorted(order_of(jnp.asarray(x)).tolist()) == list(range(n))
