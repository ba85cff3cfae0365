"""Results of leaving stars out: one file for each fold and model, and their summary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogate.collisions.models import MODELS
from surrogate.collisions.trainers import TRAINERS

if TYPE_CHECKING:
    from pathlib import Path

Result = dict[str, Any]


def read_result(path: Path) -> Result:
    """Read the result of one fold and model.

    Raises:
        ValueError: the file is no such result.
    """
    try:
        found = json.loads(path.read_text())
        missing = {"settings", "measures", "confidence", "ood", "rows"} - found.keys()
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path} cannot be read ({error}). Delete it.") from error
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}. Delete it.")
    return found


def read_results(folder: Path) -> list[Result]:
    """Read every finished result, by kind of fold, then by mass or age, then by model.

    Raises:
        ValueError: a file is no result.
    """
    found = [read_result(path) for name in MODELS for path in folder.glob(f"*-*/{name}.json")]
    return sorted(found, key=lambda r: r["settings"]["leave_out"]["value"])


def difference(found: Any, wanted: Any, name: str = "") -> str:
    """Which settings differ, and how."""
    if not (isinstance(found, dict) and isinstance(wanted, dict)):
        return f"{name} = {found} there, {wanted} here"
    keys = [k for k in {**found, **wanted} if found.get(k) != wanted.get(k)]
    prefix = f"{name}/" if name else ""
    return "; ".join(difference(found.get(k), wanted.get(k), prefix + k) for k in keys)


def summarise(results: Iterable[Result]) -> dict[str, Any]:
    """Gather results by kind of fold and by model.

    Args:
        results: of any folds and models.

    Returns:
        For each kind of fold "mean_over", the masses [Msun] or ages [Gyr] that every model has
        results of, and for each of its "models" "epochs" and "seeds" of each network, the
        measures of each of its "folds", and their "mean" over the folds of "mean_over".
    """
    kinds: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        wanted = result["settings"]
        models = kinds.setdefault(wanted["leave_out"]["kind"], {})
        models.setdefault(wanted["model"], []).append(result)
    return {kind: _summarise_kind(models) for kind, models in kinds.items()}


def _summarise_kind(models: dict[str, list[Result]]) -> dict[str, Any]:
    values = [{r["settings"]["leave_out"]["value"] for r in found} for found in models.values()]
    common = sorted(set.intersection(*values))
    return {
        "mean_over": common,
        "models": {
            name: _summarise_model(models[name], common) for name in MODELS if name in models
        },
    }


def _summarise_model(results: list[Result], common: list[float]) -> dict[str, Any]:
    rows = [
        {
            "left_out": r["settings"]["leave_out"]["value"],
            "rows": r["rows"]["left_out"],
            **r["measures"],
            **r["confidence"],
            **{f"ood_{k}": v for k, v in r["ood"].items()},
        }
        for r in results
    ]
    return {
        "epochs": _epochs(results),
        "seeds": _seeds(results),
        "folds": rows,
        "mean": _mean([row for row in rows if row["left_out"] in common]),
    }


def _epochs(results: list[Result]) -> dict[str, Any]:
    """Epochs of each network in these folds, beside those of the full training."""
    parts = MODELS[results[0]["settings"]["model"]].parts
    return {
        part: {
            "trained": sorted({r["settings"]["networks"][part]["epochs"] for r in results}),
            "full": TRAINERS[part].config.epochs,
        }
        for part in parts
    }


def _seeds(results: list[Result]) -> dict[str, list[list[int]]]:
    """Seeds of each network; more than one list where they differ among the folds."""
    parts = MODELS[results[0]["settings"]["model"]].parts
    found = {
        part: {tuple(r["settings"]["networks"][part]["seeds"]) for r in results} for part in parts
    }
    return {part: [list(seeds) for seeds in sorted(values)] for part, values in found.items()}


def _mean(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """Mean of each measure over the folds that have it."""
    names = [k for k in (rows[0] if rows else {}) if k not in {"left_out", "rows"}]
    found = {k: [row[k] for row in rows if row[k] is not None] for k in names}
    return {k: float(np.mean(values)) if values else None for k, values in found.items()}
