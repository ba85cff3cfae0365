"""Where runs are made: anything that has the interface of `concurrent.futures`."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from surrogate.simulations.configuration import Choice


def make_executor(choice: Choice, command: Sequence[str], folder: Path) -> Executor:
    """Make the executor that a campaign asks for; use it in a `with` block.

    A local pool has threads: each of them waits for a process of its own, the simulation, or is at
    work in compiled code.

    Args:
        choice: from campaign.toml.
        command: that launches the code; empty for the built-in one.
        folder: of the campaign; paths are seen from there.

    Returns:
        A pool of `jobs` threads, or Parsl's.

    Raises:
        ValueError: the command is not found, Parsl is not installed, or its file defines no
            `config`.
    """
    if choice.kind == "local":
        if command and shutil.which(command[0]) is None:
            raise ValueError(
                f"command = {list(command)}: {command[0]} is not found, or cannot be executed. "
                "Say in campaign.toml how to launch StarSmasher."
            )
        return ThreadPoolExecutor(choice.jobs, thread_name_prefix="run")
    try:
        from parsl import Config
        from parsl.concurrent import ParslPoolExecutor
    except ImportError as error:
        raise ValueError(
            'executor.kind = "parsl" needs Parsl: pip install "stellar-surrogate[parsl]"'
        ) from error
    path = folder / choice.config
    config = runpy.run_path(str(path)).get("config")
    if not isinstance(config, Config):
        raise ValueError(f"{path}: config = {config!r}, allowed: a parsl.Config")
    return ParslPoolExecutor(config)
