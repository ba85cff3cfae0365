"""A campaign: a design, a configuration, and a folder in which its runs are made.

Its files are `campaign.toml` (how runs are made), `design.csv` (which collisions), `stars/KEY/`
(relaxed stars, shared by all collisions that need them), `runs/NAME/` (collisions, named after
their conditions) and `rows.h5` (what is done, as rows of the grid).

What is done is told by the folders alone: a campaign that was interrupted, however it was, goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from surrogate.simulations.configuration import (
    FILE,
    STOP,
    TEMPLATE,
    Configuration,
    read_configuration,
)
from surrogate.simulations.design import Design, join, read_design, write_design
from surrogate.simulations.engine import RunError, StoppedError
from surrogate.simulations.lock import BusyError, is_held, only_driver
from surrogate.simulations.runs import STAR, Case, collide, relax
from surrogate.simulations.sources import profile_of
from surrogate.simulations.star_folders import PROFILE, Star, place_star
from surrogate.simulations.state import FILE as RUN
from surrogate.simulations.state import State, Status, read_state, write_state

DESIGN = "design.csv"
AGAIN = 2.0
"""Seconds until a run that another driver holds is asked for again."""


@dataclass(frozen=True)
class Campaign:
    """A campaign's folder; the rest is read from it on first use."""

    folder: Path

    @cached_property
    def configuration(self) -> Configuration:
        """How runs are made; raises ValueError where campaign.toml cannot be used."""
        return read_configuration(self.folder / FILE)

    @cached_property
    def design(self) -> Design:
        """Which collisions; raises ValueError where design.csv cannot be used."""
        return read_design(self.folder / DESIGN)

    @property
    def stop_file(self) -> Path:
        """Runs end as soon as it exists; workers on other machines see it, too."""
        return self.folder / STOP

    def run_folder(self, name: str) -> Path:
        """Folder of a collision."""
        return self.folder / "runs" / name

    def star_folder(self, key: str) -> Path:
        """Folder of a relaxed star."""
        return self.folder / "stars" / key

    def states(self) -> dict[str, State]:
        """State of every collision, by name, in the order of the design."""
        return {name: _state(self.run_folder(name)) for name in self.design.names()}


def plan(folder: Path, design: Design) -> Campaign:
    """Begin a campaign, or add collisions to one.

    Args:
        folder: made where it is missing; an existing campaign.toml stays as it is.
        design: collisions; those that the campaign has already are not added again.

    Returns:
        The campaign.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with only_driver(folder):
        path = folder / DESIGN
        write_design(path, join(read_design(path), design) if path.exists() else design)
        if not (folder / FILE).exists():
            (folder / FILE).write_text(TEMPLATE)
    return Campaign(folder)


def forget_failures(campaign: Campaign) -> int:
    """Let failed collisions and stars be run again, from their last snapshots; says how many."""
    folders = [campaign.run_folder(name) for name in campaign.design.names()]
    folders += [path.parent for path in sorted(campaign.folder.glob(f"stars/*/{RUN}"))]
    count = 0
    for folder in folders:
        state = read_state(folder)
        if state.status is Status.FAILED:
            write_state(folder, state.to(status=Status.WAITING, reason=""))
            count += 1
    return count


def find_stars(campaign: Campaign, wanted: set[tuple[float, float]]) -> dict[tuple, Star]:
    """Write the profiles of stars, and find out where their relaxed models are or will be.

    Args:
        campaign: its configuration says what stars are made of.
        wanted: their masses [Msun] and ages [Gyr].

    Returns:
        A star for each pair.

    Raises:
        ValueError: a star cannot be made.
    """
    settings = campaign.configuration.engine.about()["star"]
    sources = campaign.configuration.stars
    stars = {}
    for mass, age in sorted(wanted):
        stars[mass, age] = place_star(
            campaign.folder / "stars", profile_of(mass, age, sources), settings
        )
    return stars


def perform_star(folder: str, key: str) -> State:
    """Relax a star of a campaign; for an executor, which may be elsewhere.

    Returns:
        Its state: done, failed or stopped.
    """
    campaign = Campaign(Path(folder))
    where, setup = campaign.star_folder(key), campaign.configuration
    return _perform(
        campaign,
        where,
        lambda: relax(setup.engine, where, where / PROFILE, setup.plan, lambda t: None),
    )


def perform_collision(folder: str, name: str, case: Case, stars: tuple[str, str]) -> State:
    """Simulate a collision of a campaign; for an executor, which may be elsewhere.

    Returns:
        Its state: done, failed or stopped.
    """
    campaign = Campaign(Path(folder))
    where, setup = campaign.run_folder(name), campaign.configuration
    relaxed = (campaign.star_folder(stars[0]) / STAR, campaign.star_folder(stars[1]) / STAR)
    return _perform(
        campaign,
        where,
        lambda: collide(setup.engine, where, case, relaxed, setup.plan, lambda t: None),
    )


def _state(folder: Path) -> State:
    """State of a run; one whose driver was killed did not get to say that it stopped."""
    state = read_state(folder)
    if state.status is Status.RUNNING and not is_held(folder):
        return state.to(status=Status.STOPPED, reason="its driver was killed")
    return state


def _perform(campaign: Campaign, where: Path, run: Callable[[], State]) -> State:
    """Wait until no other driver holds the run, and make what can happen to it a state."""
    while not campaign.stop_file.exists():
        try:
            return run()
        except BusyError:
            time.sleep(AGAIN)
        except StoppedError:
            break
        except (RunError, ValueError, OSError) as error:
            # A full disk may have kept the state from being written.
            return read_state(where).to(status=Status.FAILED, reason=str(error))
    return read_state(where).to(status=Status.STOPPED)
