"""Accuracy off the grid: leave stars out of the training, then ask about them.

A fold leaves out every collision of one mass, or of one age; models are trained on the others and
judged on those left out. The structure of the left-out stars is taken as known: their radii are
the grid's own, and so is the structure model. What is measured is the error of the networks, not
that of radii between the grid's masses.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from surrogate.collisions import predictor
from surrogate.collisions.encounter import Regime
from surrogate.collisions.evaluate import ask_pipeline, compare, confidence
from surrogate.collisions.folds import SPLIT_SEED, Fold
from surrogate.collisions.leave_out_results import difference, read_result
from surrogate.collisions.metrics import as_json
from surrogate.collisions.models import MODELS
from surrogate.collisions.trainers import TRAINERS
from surrogate.learning.checkpoints import load_card, versions
from surrogate.learning.files import write_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surrogate.collisions.encounter import Outcome
    from surrogate.collisions.grid import Grid, Split
    from surrogate.collisions.predictor import CollisionModel

SNAPSHOTS = ".snapshots"


@dataclass(frozen=True)
class Study:
    """What is trained on the folds of a grid, and where it is kept.

    Attributes:
        grid: the simulations.
        folder: where results and weights go.
        seeds: of every network; each network's own where None.
        epochs: passes over the training rows of the ensemble, where not its trainer's.
        published_epochs: of the published networks, where not the paper's.
        data: what to record of the file that the grid comes from.
    """

    grid: Grid
    folder: Path
    seeds: tuple[int, ...] | None = None
    epochs: int | None = None
    published_epochs: int | None = None
    data: dict[str, Any] | None = None

    def path(self, fold: Fold, model: str) -> Path:
        """The file of a result."""
        return self.folder / fold.name / f"{model}.json"


def check_models(names: Sequence[str]) -> None:
    """Raise where a model cannot be trained.

    Raises:
        ValueError: names it, and those that can.
    """
    allowed = [name for name, model in MODELS.items() if set(model.parts) <= set(TRAINERS)]
    for name in names:
        if name not in allowed:
            raise ValueError(f"model = {name!r}: allowed here are {', '.join(allowed)}")


def settings(study: Study, fold: Fold, model: str) -> dict[str, Any]:
    """All that decides what is trained, as JSON: a result with other settings is another one."""
    networks = {}
    for part in MODELS[model].parts:
        trainer = TRAINERS[part]
        networks[part] = {
            "seeds": list(study.seeds or trainer.seeds),
            **asdict(replace(trainer.config, epochs=_epochs(study, part))),
        }
    sha256 = (study.data or {}).get("sha256")
    rows = len(study.grid)
    kept = {"model": model, "split_seed": SPLIT_SEED, "sha256": sha256, "rows": rows}
    return {"leave_out": fold._asdict(), **kept, "networks": networks}


def _epochs(study: Study, part: str) -> int:
    chosen = {"ensemble": study.epochs, "fast": None}.get(part, study.published_epochs)
    return chosen or TRAINERS[part].leave_out_epochs


def find_result(study: Study, fold: Fold, model: str) -> dict[str, Any] | None:
    """The finished result of a fold and a model, or None.

    Raises:
        ValueError: it cannot be read, or was made with other settings.
    """
    path = study.path(fold, model)
    if not path.exists():
        return None
    found = read_result(path)
    wanted = settings(study, fold, model)
    if found["settings"] != wanted:
        raise ValueError(
            f"{path} was made with other settings: {difference(found['settings'], wanted)}. "
            "Choose another folder, or delete that file."
        )
    return found


def run(study: Study, fold: Fold, model: str, *, members: bool = False) -> dict[str, Any]:
    """Train a model without the rows of a fold and judge it on them; does nothing twice.

    Args:
        study: what to train, and where it is kept.
        fold: what is left out.
        model: a model whose networks can be trained.
        members: also judge each member of an ensemble alone.

    Returns:
        The result: measures on the left-out and on the validation rows.

    Raises:
        ValueError: the folder holds a run with other settings, or too few rows are left.
    """
    found = find_result(study, fold, model)
    members = members and model == "ensemble"
    if found is None or (members and "members" not in found):
        path = study.path(fold, model)
        split = fold.split(study.grid)
        if found is None:
            _train(study, fold, model, split)
        found = {"settings": settings(study, fold, model), **_judge(study.grid, split, path)}
        if members:
            found["members"] = _judge_members(study.grid, split, path)
        write_json(path, found)
    _forget(study, fold, model)
    return found


def _train(study: Study, fold: Fold, model: str, split: Split) -> None:
    """Train the networks of a model; a part that was finished is taken from its snapshots."""
    folder = study.path(fold, model).parent
    for part in MODELS[model].parts:
        trainer = TRAINERS[part]
        trainer.train(
            study.grid,
            split,
            seeds=study.seeds or trainer.seeds,
            out=folder / part,
            epochs=_epochs(study, part),
            directory=folder / SNAPSHOTS / part,
            provenance={
                "data": study.data,
                "split": {
                    "name": f"{fold.label} left out",
                    "seed": SPLIT_SEED,
                    "train": len(split.train),
                    "validation": len(split.val),
                },
            },
        )


def _judge(grid: Grid, split: Split, path: Path) -> dict[str, Any]:
    """Measures on the rows left out and, for contrast, on the validation rows."""
    name = path.stem
    outcome = _ask(predictor.load(name, path=path.parent), grid)
    judged, known = (_judge_rows(outcome, grid, rows) for rows in (split.test, split.val))
    cards = {part: load_card(path.parent / part) for part in MODELS[name].parts}
    return {
        "rows": dict(zip(("train", "validation", "left_out"), map(len, split), strict=True)),
        **judged,
        "validation": known,
        "best_epoch": {part: card["best_epoch"] for part, card in cards.items()},
        "versions": versions(),
    }


def _ask(model: CollisionModel, grid: Grid) -> Outcome:
    """The pipeline's answers to all rows: folds differ in length, and each would be compiled."""
    return jax.device_get(ask_pipeline(model, grid, own_radii=True))


def _judge_rows(outcome: Outcome, grid: Grid, rows: NDArray[np.int64]) -> dict[str, Any]:
    part, answer = grid.take(rows), jax.tree.map(lambda x: x[rows], outcome)
    return {
        "measures": as_json(compare(answer, part)),
        "confidence": as_json(confidence(answer, part)),
        "ood": _quantiles(answer.ood),
        "no_collision": int((answer.regime != Regime.COLLISION).sum()),
    }


def _quantiles(score: NDArray[np.float32]) -> dict[str, float | None]:
    values = {"median": np.median(score), "p95": np.percentile(score, 95)}
    return {k: float(v) if np.isfinite(v) else None for k, v in values.items()}


def _judge_members(grid: Grid, split: Split, path: Path) -> list[dict[str, Any]]:
    """Measures of each member of an ensemble alone on the rows left out, with its seed."""
    model = predictor.load(path.stem, path=path.parent)
    (network,) = MODELS[path.stem].parts
    found = []
    for k, seed in enumerate(load_card(path.parent / network)["seeds"]):
        alone = {
            key: v[k : k + 1] if key.startswith("network/") else v
            for key, v in model.networks[network].items()
        }
        outcome = _ask(replace(model, networks={network: alone}), grid)
        measures = _judge_rows(outcome, grid, split.test)["measures"]
        found.append({"seed": seed, "measures": measures})
    return found


def _forget(study: Study, fold: Fold, model: str) -> None:
    """Drop the snapshots of a finished model."""
    folder = study.path(fold, model).parent / SNAPSHOTS
    for part in MODELS[model].parts:
        shutil.rmtree(folder / part, ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
