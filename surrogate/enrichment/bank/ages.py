"""Elements of a given age: what thorium and uranium have become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

AGE: Final = 13.0
"""That of the oldest stars, at which published patterns are read, too [Gyr]."""
_LEAD, _HELIUM, _LAST = 82, 2, 100


class _Chain(NamedTuple):
    half_life: float
    """[Gyr]."""
    alphas: int
    """On the way to lead."""


CHAINS: Final = {
    (90, 232): _Chain(14.05, 6),
    (92, 235): _Chain(0.704, 7),
    (92, 238): _Chain(4.468, 8),
}
"""By (Z, A); half-lives of NUBASE2020 (Kondev et al. 2021, Chinese Physics C 45, 030001)."""


def aged(
    z: Int[np.ndarray, " n"],
    a: Int[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    age: float = AGE,
) -> Float[np.ndarray, " z"]:
    """Add up the elements after some time.

    Args:
        z: atomic numbers of nuclei that last longer than 5e8 years.
        a: their mass numbers.
        y: their abundances [any unit of number].
        age: time since they were made [Gyr]. Ages below 0.1 give the chains as they started.

    Returns:
        Abundances by atomic number, from 0 to 100, in the same unit.

    Raises:
        ValueError: the age is negative.
    """
    if age < 0.0:
        raise ValueError(f"age = {age:g}, allowed: 0 Gyr and more")
    found = np.bincount(z, y, _LAST + 1)
    for (top, mass), chain in CHAINS.items():
        gone = y[(z == top) & (a == mass)].sum() * (1.0 - 0.5 ** (age / chain.half_life))
        found[top] -= gone
        found[_LEAD] += gone
        found[_HELIUM] += chain.alphas * gone
    return found
