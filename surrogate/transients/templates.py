"""Light-curve shapes on whole days, ready to be slid along the data by Fourier transforms."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

import jax.numpy as jnp
import numpy as np

from surrogate.transients.bank import WINDOW, Bank

if TYPE_CHECKING:
    from jaxtyping import Array, Complex, Float

TEMPERATURES: Final = (1.0e4, 1.4e4, 2.0e4, 2.8e4, 4.0e4)
"""Of the blackbodies that are tried [K]; optical flares of black holes lie in between (Gezari
2021)."""


class Kind(StrEnum):
    """How shapes become fluxes."""

    BOLOMETRIC = "bolometric"
    """Seen as a blackbody; amplitudes in units of the shapes' light."""
    BANDED = "banded"
    """Every band has its own shape, all have one amplitude: light over that of a source of
    magnitude 0 at 10 pc."""
    FREE = "free"
    """One shape, and an amplitude for each band [microjansky]."""


class Templates:
    """Shapes that start on day 0, and what is known of their brightness.

    Args:
        name: of the model.
        shapes: mean of each day for an amplitude of 1.
        weight: prior probability of each shape, to a factor.
        amplitudes: least and greatest, of a log-uniform prior.
        kind: how shapes become fluxes.
        bands: what the first axis of banded shapes stands for.
    """

    def __init__(
        self,
        name: str,
        shapes: Float[np.ndarray, "*bands shapes days"],
        weight: Float[np.ndarray, " shapes"],
        amplitudes: tuple[float, float],
        kind: Kind = Kind.BOLOMETRIC,
        bands: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.shapes = np.asarray(shapes, np.float32)
        self.log_weight = np.log(np.asarray(weight, float) / np.sum(weight))
        self.amplitudes = amplitudes
        self.kind = kind
        self.bands = bands
        self._transforms: dict[tuple[int, tuple[str, ...]], tuple[Array, Array]] = {}

    def __len__(self) -> int:
        return self.shapes.shape[-2]

    @property
    def days(self) -> int:
        """How long a shape is."""
        return self.shapes.shape[-1]

    def transforms(
        self, n: int, bands: tuple[str, ...]
    ) -> tuple[
        Complex[Array, "shapes bands frequencies"], Complex[Array, "shapes bands frequencies"]
    ]:
        """Conjugate Fourier transforms of length n of shapes and squares, kept for later.

        Banded shapes are given in these bands; others have one for all.
        """
        bands = bands if self.kind is Kind.BANDED else ()
        if (n, bands) not in self._transforms:
            shapes = (
                self.shapes[[self.bands.index(b) for b in bands]] if bands else self.shapes[None]
            )
            by_shape = jnp.asarray(np.swapaxes(shapes, 0, 1))
            self._transforms[n, bands] = (
                jnp.conj(jnp.fft.rfft(by_shape, n)),
                jnp.conj(jnp.fft.rfft(by_shape**2, n)),
            )
        return self._transforms[n, bands]


class BankTemplates(Templates):
    """The lit light curves of a bank, for a solar mass of ejecta each.

    Args:
        bank: the bank.
        ejecta: least and greatest mass of the ejecta [Msun].
    """

    def __init__(self, bank: Bank, ejecta: tuple[float, float] = (1e-4, 2.0)) -> None:
        super().__init__("collision", daily(bank), bank.curve_weight, ejecta)
        self.bank = bank

    @cached_property
    def sites(self) -> Float[np.ndarray, "shapes 4"]:
        """M, r_init, theta, phi of each shape, of the first simulation that has it."""
        return self.bank.sites[self.bank.first]

    def light(self, shape: int, t: Float[np.ndarray, " times"]) -> Float[np.ndarray, " times"]:
        """Light [1e44 erg/s per Msun] at any time since the collision [days, rest frame]."""
        return np.interp(t, self.bank.times, self.bank.light[shape], left=0.0, right=0.0)


def daily(bank: Bank) -> Float[np.ndarray, "curves days"]:
    """Mean light of each day since the collision [1e44 erg/s per Msun]."""
    return daily_means(bank.times, bank.light)


def daily_means(
    times: Float[np.ndarray, " times"], light: Float[np.ndarray, "curves times"]
) -> Float[np.ndarray, "curves days"]:
    """Means of light curves over each day.

    Args:
        times: [days since the collision].
        light: at these times, any unit.

    Returns:
        The means, in that unit.
    """
    steps = np.diff(times) * (light[:, 1:] + light[:, :-1]) / 2.0
    until = np.concatenate([np.zeros((len(light), 1)), np.cumsum(steps, axis=1)], axis=1)
    days = np.arange(round(min(times[-1], WINDOW)) + 1)
    at_midnight = [np.interp(days, times, curve) for curve in until]
    return np.diff(np.reshape(at_midnight, (len(until), len(days))), axis=1)
