"""What the package asks of a code that simulates collisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

Tell = Callable[[float], None]
"""Called now and then with the time that a run has reached [code units]."""


class Orbit(NamedTuple):
    """How two stars approach each other, in units of G = Msun = Rsun = 1."""

    rp: float
    """Pericentre of the two-body orbit."""
    vinf2: float
    """Square of the relative velocity at infinity."""
    separation: float
    """Distance of the stars at t = 0."""
    dt_out: float
    """Time between two snapshots."""


class Engine(Protocol):
    """A simulation code: one folder a run, with snapshots in StarSmasher's format.

    Every method may be called again after an interruption: what the folder holds already is kept.
    """

    def start_star(self, folder: Path, profile: Path) -> float:
        """Make the folder of a star that is to be relaxed.

        Args:
            folder: of the run.
            profile: of the star, in the TWIN layout.

        Returns:
            For how long it is to be relaxed.
        """
        ...

    def start_collision(self, folder: Path, stars: tuple[Path, Path], orbit: Orbit) -> None:
        """Make the folder of a collision of two relaxed stars, each in a snapshot of its own."""
        ...

    def advance(self, folder: Path, tf: float, tell: Tell) -> None:
        """Bring a run to t >= tf from its beginning or its last good snapshot.

        Raises:
            RunError: the code failed; the error says how, with the end of its log.
            StoppedError: somebody asked to stop; what is done is kept.
        """
        ...

    def about(self) -> dict[str, Any]:
        """What rows made by this engine depend on: settings, command."""
        ...


class RunError(Exception):
    """A simulation that cannot become a row."""


class StoppedError(Exception):
    """A run that was interrupted on demand and can be continued."""
