"""Trained models on disk: a model card (JSON) and a flat dictionary of arrays (Orbax)."""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

import jax
import numpy as np

CARD_FILE = "card.json"
ARRAYS_FOLDER = "arrays"
FORMAT = 1
"""Version of the layout of this folder."""


def save_model(path: Path, arrays: dict[str, Any], card: dict[str, Any]) -> None:
    """Write a trained model; an earlier one is set aside until the new one stands.

    Args:
        path: the model's folder.
        arrays: weights and feature scales by name.
        card: what the model is and how it was made; must be JSON.
    """
    import orbax.checkpoint as ocp

    path = Path(path).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        # Names hold slashes, which Orbax would take for folders of a tree.
        numbered = {str(i): np.asarray(arrays[name]) for i, name in enumerate(sorted(arrays))}
        with ocp.PyTreeCheckpointer() as checkpointer:
            checkpointer.save(scratch / ARRAYS_FOLDER, numbered)
        for marker in scratch.rglob("commit_success.txt"):
            marker.write_text("")  # Orbax leaves a path of this machine in it
        shapes = {name: list(np.shape(arrays[name])) for name in sorted(arrays)}
        text = json.dumps({"format": FORMAT, **card, "arrays": shapes}, indent=2)
        (scratch / CARD_FILE).write_text(text + "\n")
        scratch.chmod(0o755)
        if path.exists():
            os.replace(path, scratch.with_suffix(".old"))
        os.replace(scratch, path)
        shutil.rmtree(scratch.with_suffix(".old"), ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def shipped(topic: str) -> Path:
    """Folder of what ships with the package: inside an installed one, beside it in a clone.

    Args:
        topic: such as `collisions`.
    """
    package = Path(__file__).parents[1]
    installed = package / "checkpoints" / topic
    return installed if installed.is_dir() else package.parent / "checkpoints" / topic


def versions() -> dict[str, str]:
    """What a model card says of the software that trained it."""
    import flax
    import optax

    return {
        "python": platform.python_version(),
        "jax": jax.__version__,
        "flax": flax.__version__,
        "optax": optax.__version__,
    }


def load_card(path: Path) -> dict[str, Any]:
    """Read and check the card of the model in folder `path`.

    Raises:
        ValueError: there is no readable card of a known format.
    """
    file = Path(path) / CARD_FILE
    try:
        card = json.loads(file.read_text())
    except FileNotFoundError:
        raise ValueError(f"{path} is not a model: it has no {CARD_FILE}.") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} cannot be read ({error}). {_remedy()}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        found = card.get("format") if isinstance(card, dict) else None
        raise ValueError(
            f"{file}: format = {found!r}, this version reads {FORMAT}. Upgrade stellar-surrogate."
        )
    if not isinstance(card.get("arrays"), dict):
        raise ValueError(f"{file} does not list the arrays. {_remedy()}")
    return card


def load_model(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a trained model.

    Args:
        path: the model's folder.

    Returns:
        The arrays by name, and the card.

    Raises:
        ValueError: a file is missing, truncated or of another format; names it.
    """
    import orbax.checkpoint as ocp

    card = load_card(path)
    folder = (Path(path) / ARRAYS_FOLDER).absolute()
    names = sorted(card["arrays"])
    try:
        with _Quiet(), ocp.PyTreeCheckpointer() as checkpointer:
            numbered = checkpointer.restore(
                folder,
                restore_args={
                    str(i): ocp.RestoreArgs(restore_type=np.ndarray) for i in range(len(names))
                },
            )
        arrays = {name: np.asarray(numbered[str(i)]) for i, name in enumerate(names)}
    except Exception as error:  # Orbax and TensorStore raise many kinds
        raise ValueError(f"{folder} cannot be read ({_first_line(error)}). {_remedy()}") from error
    for name, array in arrays.items():
        if list(array.shape) != card["arrays"][name] or not np.isfinite(array).all():
            raise ValueError(f"{folder}: array {name!r} is damaged. {_remedy()}")
    return arrays, card


def _remedy() -> str:
    return "Reinstall stellar-surrogate, or train the model again with `surrogate train`."


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


class _Quiet:
    """Keeps Orbax from advising users on files that they did not write."""

    def __enter__(self) -> None:
        self._disabled = logging.root.manager.disable
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(self._disabled)
