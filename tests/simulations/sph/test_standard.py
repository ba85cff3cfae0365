"""Standard problems with known answers, at up to 800 particles."""

from __future__ import annotations

import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, curve_fit

from surrogate.simulations.sph.energy import conserved
from surrogate.simulations.sph.relax import at_rest, new_star, relax_many
from surrogate.simulations.sph.state import Fluid, Method
from surrogate.simulations.sph.step import step, time_step
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.units import LENGTH

METHOD = Method(radiation=False)
FAST = Method(radiation=False, single=True)
STILL = at_rest(FAST)
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Of the mass: the layers that are compared."""
SIZE = 600
"""Particles."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def relaxed():
    """Makes a polytrope of 1 Msun and 1 Rsun, at rest."""

    @functools.cache
    def star(n: float, size: int = SIZE) -> Fluid:
        profile = polytrope(n, 1.0, 1.0)
        new = new_star(profile, size, FAST)
        (found,) = relax_many([new], [profile], FAST)
        return Fluid(*map(jnp.asarray, found))

    return star


def radii(fluid, profile):
    """Mean radius of each layer over that of the same mass of the profile."""
    m, x = np.asarray(fluid.m), np.asarray(fluid.x)
    r = np.linalg.norm(x - m @ x / m.sum(), axis=1)
    order = np.argsort(r)
    m, r = m[order], r[order]
    within = (np.cumsum(m) - m / 2) / m.sum()
    expected = np.interp(within, profile.m / profile.m[-1], profile.r / LENGTH)
    layers = [(a <= within) & (within < b) for a, b in itertools.pairwise(SHARES)]
    return np.array([m[k] @ r[k] / (m[k] @ expected[k]) for k in layers])


@pytest.mark.parametrize("n", [1.5, 3.0])
def test_a_polytrope_stays_one(relaxed, start, go, n):
    profile = polytrope(n, 1.0, 1.0)
    run = start(relaxed(n), FAST)
    before = conserved(run.fluid)
    for t in (5.0, 10.0, 15.0, 20.0):
        run = go(run, t, FAST)
        np.testing.assert_allclose(radii(run.fluid, profile), 1.0, atol=0.02)
    after = conserved(run.fluid)
    assert float(after.total) == pytest.approx(float(before.total), rel=1e-4)
    assert float(after.kinetic) < 1e-3 * -float(after.gravitational)


def fundamental(n: float, gamma: float = 5 / 3) -> float:
    """omega^2 R^3 / (G M) of the radial fundamental mode of a polytrope.

    The wave equation of Eddington (Cox 1980, Theory of Stellar Pulsation, section 8.3), integrated
    from the centre; at the surface the displacement must be regular.
    """

    def emden(x, y):
        return y[1], -(max(y[0], 0.0) ** n) - 2 * y[1] / x

    def surface(x, y):
        return y[0]

    surface.terminal = True
    star = solve_ivp(
        emden,
        (1e-4, 20.0),
        (1.0, -1e-4 / 3),
        events=surface,
        rtol=1e-11,
        atol=1e-13,
        dense_output=True,
    )
    edge, slope = star.t_events[0][0], star.y_events[0][0][1]
    unit = -slope / edge  # G M / R^3 over 4 pi G rho_c
    last = edge * (1 - 1e-4)

    def wave(x, y, square):
        theta, d = star.sol(x)
        force = (n + 1) * (square / (gamma * theta) + (3 - 4 / gamma) * d / (x * theta))
        return y[1], -(4 / x + (n + 1) * d / theta) * y[1] - force * y[0]

    def irregular(square):
        y = solve_ivp(wave, (1e-3, last), (1.0, 0.0), args=(square,), rtol=1e-9, atol=1e-12).y
        d = star.sol(last)[1]
        return d * y[1, -1] + (square / gamma + (3 - 4 / gamma) * d / last) * y[0, -1]

    return brentq(irregular, 0.5 * unit, 12.0 * unit) / unit


def test_the_known_frequencies_are_those_of_the_literature():
    assert fundamental(1.5) == pytest.approx(2.706, abs=1e-3)
    assert fundamental(3.0) == pytest.approx(9.255, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "size", "end", "lost"), [(1.5, SIZE, 8.0, 0.1), (3.0, 800, 6.0, 0.15)]
)
def test_a_polytrope_swings_at_its_frequency(relaxed, start, go, n, size, end, lost):
    # At n = 3 the mode lives in the outermost layers, where there are few particles.
    star = relaxed(n, size)
    run = start(star._replace(v=0.02 * star.x), STILL)
    known = math.sqrt(fundamental(n))
    times, sizes = np.arange(0.1, end, 0.1), []
    for t in times:
        run = go(run, t, STILL)
        sizes.append(float(run.fluid.m @ jnp.sum(run.fluid.x**2, 1)))

    def swing(t, mean, height, omega, phase):
        return mean + height * np.sin(omega * t + phase)

    guess = (np.mean(sizes), np.ptp(sizes) / 2, known, 0.0)
    (mean, height, omega, phase), _ = curve_fit(swing, times, sizes, guess)
    assert omega == pytest.approx(known, rel=0.03)
    assert np.std(sizes - swing(times, mean, height, omega, phase)) < lost * abs(height)


def evrard(across: int) -> Fluid:
    """A cold sphere of rho = 1 / (2 pi r) and u = 0.05 (Evrard 1988), from a cubic lattice."""
    side = (np.arange(across) + 0.5) / across * 2 - 1
    x = np.stack(np.meshgrid(side, side, side), -1).reshape(-1, 3)
    s = np.linalg.norm(x, axis=1)
    x, s = x[s < 1], s[s < 1]
    n = len(s)
    x = x * s[:, None] ** 0.5  # as many within s^3 as mass within r^2
    parts = (np.full(n, 1 / n), x, np.zeros((n, 3)), np.full(n, 0.05), np.full(n, 0.2), np.ones(n))
    return Fluid(*map(jnp.asarray, parts))


def shells(count: int, end: float):
    """The same sphere in one dimension: times, kinetic and internal energy.

    Shells with the viscosity of von Neumann and Richtmyer 1950.
    """
    inside = np.arange(count + 1) / count
    r, v, u, m = inside**0.5, np.zeros(count + 1), np.full(count, 0.05), 1 / count
    carried = np.full(count + 1, m)
    carried[-1] = m / 2
    volume, t, rows = 4 / 3 * np.pi * np.diff(r**3), 0.0, []
    while t < end:
        rho, rise = m / volume, np.diff(v)
        P, c = 2 / 3 * rho * u, (10 / 9 * u) ** 0.5
        q = np.where(rise < 0, rho * (2 * rise**2 - 0.5 * c * rise), 0.0)
        dt = min(5e-3, 0.2 * np.min(np.diff(r) / (c + 4 * np.abs(rise))))
        total = np.append(P + q, 0.0)
        a = -4 * np.pi * r[1:] ** 2 * np.diff(total) / carried[1:] - inside[1:] / r[1:] ** 2
        v[1:] += dt * a
        r = r + dt * v
        new = 4 / 3 * np.pi * np.diff(r**3)
        grown = (new - volume) / m
        u = (u - (P / 2 + q) * grown) / (1 + m / new / 3 * grown)
        volume, t = new, t + dt
        rows.append((t, 0.5 * carried[1:] @ v[1:] ** 2, m * u.sum()))
    return np.array(rows).T


def test_evrard_collapse(start, go):
    run = start(evrard(10), METHOD)
    before = conserved(run.fluid)
    times, found = np.arange(0.05, 1.26, 0.05), []
    for t in times:
        run = go(run, t, METHOD)
        now = conserved(run.fluid)
        found.append([float(part) for part in (now.kinetic, now.internal, now.total)])
    kinetic, internal, total = np.array(found).T
    np.testing.assert_allclose(total, float(before.total), rtol=3e-4)
    t, expected_kinetic, expected_internal = shells(100, 1.25)
    at_most = times[kinetic.argmax()]
    assert at_most == pytest.approx(t[expected_kinetic.argmax()], rel=0.1)
    # Five hundred particles spread over a fifth of the radius: the collapse is softer.
    assert 0.4 < kinetic.max() / expected_kinetic.max() < 1
    assert 0.6 < internal.max() / expected_internal.max() < 1


def test_a_head_on_collision_of_twins_is_symmetric(relaxed, start):
    star = relaxed(1.5)
    star = star._replace(x=star.x + jnp.asarray([1.3, 0.0, 0.0]), v=star.v.at[:, 0].set(-0.8))
    twin = star._replace(x=-star.x, v=-star.v)
    run = start(jax.tree.map(lambda a, b: jnp.concatenate([a, b]), star, twin), METHOD)
    n = len(star.m)

    @jax.jit
    def forward(run):
        return jax.lax.fori_loop(
            0, 50, lambda _, r: step(r, time_step(r.fluid, r.rates, METHOD), METHOD), run
        )

    before = conserved(run.fluid)
    for _ in range(2):
        run = forward(run)
    f = run.fluid
    # By now they have met.
    assert float(conserved(f).internal) > 1.1 * float(before.internal)
    assert float(jnp.abs(f.x[:n] + f.x[n:]).max()) < 1e-13
    assert float(jnp.abs(f.v[:n] + f.v[n:]).max()) < 1e-13
    np.testing.assert_allclose(f.u[:n], f.u[n:], rtol=1e-13)
