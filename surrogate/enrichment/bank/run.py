"""Run the network under given conditions, down to elements of a given age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from surrogate.enrichment.bank.ages import AGE, aged
from surrogate.enrichment.bank.conditions import Condition, Expanding, Irradiated
from surrogate.enrichment.network.expansion import Expansion
from surrogate.enrichment.network.run import run
from surrogate.enrichment.network.runs import (
    beginning,
    expand,
    exposure_time,
    pour,
    seed_abundances,
)
from surrogate.enrichment.network.stability import decayed, fates
from surrogate.enrichment.network.trajectories import follow, read_trajectory

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from surrogate.enrichment.network.composition import State
    from surrogate.enrichment.network.network import Network
    from surrogate.enrichment.network.reaclib import Nuclide

_IRON: Final = {54: 0.05845, 56: 0.91754, 57: 0.02119, 58: 0.00282}
_NICKEL: Final = {58: 0.68077, 60: 0.26223, 61: 0.01140, 62: 0.03635, 64: 0.00926}
_NICKEL_TO_IRON: Final = 10.0 ** (6.22 - 7.50)
"""The Sun's atoms: Asplund et al. (2009, ARA&A 47, 481), tables 1 and 3."""
SEEDS: Final[dict[Nuclide, float]] = {
    **{(26, a - 26): 1e-5 * share for a, share in _IRON.items()},
    **{(28, a - 28): 1e-5 * share * _NICKEL_TO_IRON for a, share in _NICKEL.items()},
}
"""Seeds of an irradiation, number per baryon by Z and N; what they make is in proportion."""
_STEPS: Final = 150
_DROP_TIME: Final = 0.01
"""Time in which density falls at the start of a trajectory, for its seeds [s]."""


class Simulator:
    """Runs a network; each kind of condition is compiled once.

    Args:
        network: of `network.network.load_network`.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.fates = fates(network)
        self._seeds = seed_abundances(network, SEEDS)
        self._expand = jax.jit(expand)
        self._pour = jax.jit(_irradiate)
        self._follow = jax.jit(lambda net, h, y_e: run(net, _start(net, h, y_e), h))

    def __call__(self, condition: Condition, age: float = AGE) -> Float[np.ndarray, " z"]:
        """Number of atoms per baryon by atomic number, up to Z = 100.

        Args:
            condition: what the gas goes through.
            age: of the pattern [Gyr]: uranium and thorium decay.

        Raises:
            ValueError: an input is out of range, or a trajectory cannot be read.
            ArithmeticError: the run did not come to an end.
            FileNotFoundError: there is no such trajectory.
        """
        with jax.enable_x64(True):
            state = self.state(condition)
            lasting = np.asarray(decayed(self.fates, state))
        if not np.isfinite(lasting).all():
            raise ArithmeticError(f"{condition.name}: the run gave no numbers; change its inputs")
        return aged(self.fates.z, self.fates.a, lasting, age)

    def state(self, condition: Condition) -> State:
        """The composition at the end, before decays; call it in double precision.

        Raises:
            ValueError: as `__call__`.
        """
        check(condition)
        if isinstance(condition, Expanding):
            _, _, y_e, s, tau, heating = condition
            return self._expand(self.network, Expansion(y_e, s, tau, heating=heating))[0]
        if isinstance(condition, Irradiated):
            inputs = (condition.n_n, condition.t9, condition.exposure)
            return self._pour(self.network, self._seeds, *map(jnp.asarray, inputs))[0]
        history, y_e = follow(read_trajectory(condition.trajectory))
        return self._follow(self.network, history, jnp.asarray(y_e))[0]


RANGES: Final = {
    "y_e": (0.01, 0.6),
    "s": (0.5, 400.0),
    "tau": (1e-4, 10.0),
    "heating": (0.0, 1.0),
    "n_n": (1e5, 1e17),
    "t9": (0.01, 1.0),
    "exposure": (1e-3, 50.0),
}
"""What the network's tables and steps in time are made for."""


def check(condition: Condition) -> None:
    """Refuse what is out of range.

    Raises:
        ValueError: names the field, its value and what is allowed.
    """
    for field, value in condition._asdict().items():
        low, high = RANGES.get(field, (0.0, 0.0))
        if field in RANGES and not low <= value <= high:
            raise ValueError(f"{field} = {value:g}, allowed: {low:g} to {high:g}; change it")


def _irradiate(
    network: Network, seeds: Array, n_n: Array, t9: Array, exposure: Array
) -> tuple[State, Any]:
    t = exposure_time(1.0, n_n, t9) * exposure * np.geomspace(1e-4, 1.0, _STEPS)
    return pour(network, seeds, n_n, t9, t=t)


def _start(network: Network, history: Any, y_e: Array) -> State:
    return beginning(network, history, y_e, jnp.asarray(_DROP_TIME))
