"""What is known of a run, in one small file beside its snapshots."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from surrogate.learning.files import write_json

FILE = "run.json"


class Status(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    """Interrupted on demand; goes on where it was."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class State:
    """A run's state. Times t are in code units, all others in seconds."""

    status: Status = Status.WAITING
    t: float = 0.0
    """What the simulation has reached."""
    tf: float = 0.0
    """Where it ends, as far as is known."""
    seconds: float = 0.0
    """Spent on it by all drivers."""
    updated: float = 0.0
    """When this was written [s since 1970]."""
    reason: str = ""
    """Why it ended, or failed."""
    result: dict[str, Any] = field(default_factory=dict)
    """What it found, once it is done."""
    about: dict[str, Any] = field(default_factory=dict)
    """What made it: settings, versions."""

    def to(self, **changes: Any) -> State:
        """Return a copy with other values."""
        return replace(self, **changes)


def read_state(folder: Path) -> State:
    """State of the run in a folder; a waiting one where nothing is known.

    Raises:
        ValueError: the file is not one that `write_state` wrote.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text())
        known = {f.name for f in fields(State)}
        state = State(**{key: value for key, value in values.items() if key in known})
        return state.to(status=Status(state.status))
    except FileNotFoundError:
        return State()
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no state of a run ({error}). Delete it: the run starts again from its "
            "snapshots."
        ) from error


def write_state(folder: Path, state: State) -> State:
    """Replace the state of the run in a folder, at once; returns it with the time of writing."""
    state = state.to(updated=time.time())
    write_json(folder / FILE, asdict(state))
    return state
