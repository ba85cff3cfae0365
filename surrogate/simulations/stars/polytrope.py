"""Polytropes: stars with P = K rho^(1 + 1/n)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.simulations.stars.composition import scaled_solar
from surrogate.simulations.stars.profile import Profile
from surrogate.simulations.stars.reconstruction import Structure, mesh
from surrogate.simulations.stars.scaling import to_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Float

    State = tuple[float, float]  # theta, and -xi^2 dtheta/dxi: the enclosed mass

MAX_INDEX: Final = 4.9
"""Largest index: at 5 the radius is infinite."""
SURFACE_THETA: Final = 1e-5
"""theta of the last row: at 0, density and pressure would be 0."""
_FIRST_XI: Final = 1e-3
_STEP: Final = 2e-3  # in xi, or in ln xi where xi > 1
_SUBSTEPS: Final = 4


def polytrope(
    n: float,
    mass: float,
    radius: float,
    composition: Float[np.ndarray, " 9"] | None = None,
    points: int = 1000,
) -> Profile:
    """Profile of a polytrope, from the Lane-Emden equation.

    Args:
        n: index, 0 to 4.9.
        mass: [Msun of `surrogate.simulations.units`].
        radius: [Rsun of `surrogate.simulations.units`]; there theta is 1e-5.
        composition: mass fractions of nine species; those of the simulated stars where None.
        points: rows of the profile, at least 100.

    Returns:
        The profile.

    Raises:
        ValueError: an argument is outside its range.

    Source: Chandrasekhar (1939), An Introduction to the Study of Stellar Structure, chapter 4.
    """
    _check_index(n)
    if points < 100:
        raise ValueError(f"points = {points}, allowed: at least 100.")
    structure = _structure(n, points)
    return to_profile(
        structure, mass, radius, scaled_solar() if composition is None else composition
    )


def lane_emden(n: float) -> tuple[float, float]:
    """Surface of the solution of the Lane-Emden equation.

    Args:
        n: index, 0 to 4.9.

    Returns:
        xi_1, where theta is 0, and -xi_1^2 theta'(xi_1), dimensionless.

    Raises:
        ValueError: n is outside its range.
    """
    _check_index(n)
    return _outermost(n, 0.0)


def _check_index(n: float) -> None:
    if not 0 <= n <= MAX_INDEX:
        raise ValueError(f"n = {n}, allowed: 0 to {MAX_INDEX}.")


def _structure(n: float, points: int) -> Structure:
    edge, _ = _outermost(n, SURFACE_THETA)
    xi = mesh(min(1.0 / edge, 0.5), points) * edge
    derivative = _derivative(n)
    x, state = _start(n, float(xi[0]))
    states = [state]
    for following in xi[1:]:
        step = (following - x) / _SUBSTEPS
        for _ in range(_SUBSTEPS):
            state = _runge_kutta(derivative, x, state, step)
            x += step
        x = float(following)
        states.append(state)
    theta, q = np.array(states).T
    theta = np.maximum(theta, SURFACE_THETA)
    # Lengths in units of the edge, masses in units of that within it, G = 1.
    central = edge**3 / (4 * math.pi * q[-1])
    P_central = 4 * math.pi * central**2 / ((n + 1) * edge**2)
    return Structure(
        r=xi / edge,
        m=q / q[-1],
        rho=central * theta**n,
        P=P_central * theta ** (n + 1),
    )


def _outermost(n: float, theta: float) -> tuple[float, float]:
    """Place xi, and -xi^2 theta', where the solution has fallen to `theta`."""
    derivative = _derivative(n)
    xi, state = _start(n, _FIRST_XI)
    while True:
        step = _STEP * max(1.0, xi)
        following = _runge_kutta(derivative, xi, state, step)
        if following[0] <= max(theta, 0.0):
            break
        xi, state = xi + step, following
    for _ in range(5):  # Newton's steps: each but the first is tiny
        step = (state[0] - theta) * xi**2 / state[1]
        state = _runge_kutta(derivative, xi, state, step)
        xi += step
    return xi, state[1]


def _derivative(n: float) -> Callable[[float, State], State]:
    """The Lane-Emden equation: theta' = -q / xi^2, q' = xi^2 theta^n."""

    def derivative(xi: float, state: State) -> State:
        theta, q = state
        return -q / xi**2, xi**2 * max(theta, 0.0) ** n

    return derivative


def _start(n: float, xi: float) -> tuple[float, State]:
    """The series about the centre, good to xi^6."""
    theta = 1 - xi**2 / 6 + n * xi**4 / 120
    return xi, (theta, xi**3 / 3 - n * xi**5 / 30)


def _runge_kutta(
    derivative: Callable[[float, State], State], x: float, y: State, h: float
) -> State:
    """One step of the classical fourth-order method."""
    a = derivative(x, y)
    b = derivative(x + h / 2, (y[0] + h / 2 * a[0], y[1] + h / 2 * a[1]))
    c = derivative(x + h / 2, (y[0] + h / 2 * b[0], y[1] + h / 2 * b[1]))
    d = derivative(x + h, (y[0] + h * c[0], y[1] + h * c[1]))
    return (
        y[0] + h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]),
        y[1] + h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1]),
    )
