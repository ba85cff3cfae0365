"""Snapshots of an unfinished training, so that a killed run goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import jax

from surrogate.learning.files import write_json

if TYPE_CHECKING:
    import orbax.checkpoint as ocp

State = TypeVar("State")
RUN_FILE = "run.json"


class SnapshotStore(Protocol):
    """What the fit loop needs of a place to keep snapshots."""

    def restore(self, state: State) -> State:
        """The newest snapshot, or `state` itself where there is none."""

    def save(self, epoch: int, state: Any) -> None:
        """Keep the state after `epoch` epochs."""

    def __enter__(self) -> SnapshotStore:
        """Open the store."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is being written, and close."""


class NoSnapshots:
    """Keeps nothing."""

    def restore(self, state: State) -> State:
        """Start afresh."""
        return state

    def save(self, epoch: int, state: Any) -> None:
        """Keep nothing."""

    def __enter__(self) -> NoSnapshots:
        """Open nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""


class Snapshots:
    """The newest snapshots of one run, in one folder, written atomically by Orbax.

    Args:
        directory: the folder; made where it is missing.
        run: a text that tells this run from another one.

    Raises:
        ValueError: the folder holds the snapshots of another run.
    """

    def __init__(self, directory: Path, run: str) -> None:
        import orbax.checkpoint as ocp

        directory = Path(directory).absolute()
        directory.mkdir(parents=True, exist_ok=True)
        _claim(directory / RUN_FILE, run)
        options = ocp.CheckpointManagerOptions(
            max_to_keep=2, step_prefix="epoch", cleanup_tmp_directories=True
        )
        self._manager: ocp.CheckpointManager = ocp.CheckpointManager(directory, options=options)

    @staticmethod
    def open(directory: Path | None, run: object) -> SnapshotStore:
        """The store in `directory`, or one that keeps nothing where that is None."""
        return NoSnapshots() if directory is None else Snapshots(directory, repr(run))

    def restore(self, state: State) -> State:
        """The newest snapshot, or `state` itself where there is none."""
        import orbax.checkpoint as ocp

        epoch = self._manager.latest_step()
        if epoch is None:
            return state
        abstract = jax.tree.map(ocp.utils.to_shape_dtype_struct, state)
        return self._manager.restore(epoch, args=ocp.args.StandardRestore(abstract))

    def save(self, epoch: int, state: Any) -> None:
        """Keep the state after `epoch` epochs, unless that is kept already."""
        import orbax.checkpoint as ocp

        if self._manager.latest_step() != epoch:
            self._manager.save(epoch, args=ocp.args.StandardSave(state), force=True)

    def __enter__(self) -> Snapshots:
        """Open the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is being written, and close."""
        self._manager.wait_until_finished()
        self._manager.close()


def _claim(path: Path, run: str) -> None:
    if not path.exists():
        write_json(path, {"run": run})
        return
    try:
        found = json.loads(path.read_text())["run"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be read ({error}). Delete {path.parent}.") from error
    if found != run:
        raise ValueError(
            f"{path.parent} holds the snapshots of another run ({found}), not of this one "
            f"({run}). Choose another folder, or delete that one."
        )
