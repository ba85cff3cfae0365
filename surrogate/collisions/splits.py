"""Which rows of the grid train a model, which choose it, and which test it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.collisions.download import find_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from surrogate.collisions.grid import Grid

SPLITS_FILE = "data_splits_v1.npz"
MATCH = 1e-6
"""Largest feature difference of matching rows; distinct rows differ by at least 1e-2."""
TAMS_MATCH = 1e-4
"""Relative difference of an age from the TAMS; grids round it, other ages are 10 per cent off."""

_NAMES = ("train", "val", "test")


class Split(NamedTuple):
    """Row numbers of a grid, each (k,), ascending, no row twice."""

    train: NDArray[np.int64]
    """Rows that fit the parameters."""
    val: NDArray[np.int64]
    """Rows that choose the model."""
    test: NDArray[np.int64]
    """Rows that judge it."""


def published_features(grid: Grid) -> NDArray[np.float64]:
    """Return the features of the published arrays, (n, 5).

    log10(age [Gyr] + 0.001), log10(rp [Rsun] + 0.1), log10(vinf [km/s] + 10), ln m1, ln m2.

    Source: Gonzalez Prieto et al. 2026, `data_splits_v1.npz`.
    """
    return np.stack(
        [
            np.log10(grid.age + 0.001),
            np.log10(grid.rp + 0.1),
            np.log10(grid.vinf + 10),
            np.log(grid.m1),
            np.log(grid.m2),
        ],
        axis=-1,
    )


def read_splits(
    path: str | PathLike[str],
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Read the published arrays.

    Args:
        path: an npz file with X_train, y_train, X_val, y_val and, optionally, X_test, y_test.

    Returns:
        For "train", "val" and, where present, "test": features (k, 5) as in
        `published_features`, and targets (k, 4): label, then the shares of m1 + m2 in star 1, in
        star 2 and unbound. A single survivor always stands in the first share.

    Raises:
        ValueError: the file is unreadable, or an array is missing, misshapen or not finite.
    """
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name], np.float64) for name in file.files}
    except (zipfile.BadZipFile, ValueError, EOFError, AttributeError) as error:
        raise ValueError(
            f"{path}: not a readable npz file ({error}); delete it and fetch it again."
        ) from error

    parts = [name for name in _NAMES if name != "test" or "X_test" in arrays]
    for name in parts:
        for key, width in ((f"X_{name}", 5), (f"y_{name}", 4)):
            if key not in arrays:
                raise ValueError(f"{path}: array {key} is missing, found {sorted(arrays)}.")
            rows = len(arrays[f"X_{name}"])
            if arrays[key].shape != (rows, width) or not np.isfinite(arrays[key]).all():
                raise ValueError(
                    f"{path}: {key} has shape {arrays[key].shape}; allowed: ({rows}, {width}), "
                    "every value finite. Fetch the file again."
                )
    return {name: (arrays[f"X_{name}"], arrays[f"y_{name}"]) for name in parts}


def published_split(grid: Grid, npz_path: str | PathLike[str] | None = None) -> Split:
    """Find the rows of the published training, validation and test arrays.

    Args:
        grid: the grid the arrays were made from.
        npz_path: the published arrays; where None, see `find_data`.

    Returns:
        The split. Where the file has no test arrays, every other row of the grid is a test row.

    Raises:
        ValueError: a published row is not in the grid, or the same row is asked for twice.

    Source: Gonzalez Prieto et al. 2026, section 3.
    """
    from sklearn.neighbors import KDTree

    path = find_data(SPLITS_FILE, npz_path)
    tree = KDTree(published_features(grid), metric="chebyshev")
    found: dict[str, NDArray[np.int64]] = {}
    taken = np.zeros(len(grid), np.int64)
    for name, (features, _) in read_splits(path).items():
        distance, row = (found[:, 0] for found in tree.query(features))
        missing = np.flatnonzero(~(distance <= MATCH))
        if len(missing):
            raise ValueError(
                f"{path}: {len(missing)} rows of X_{name} are not in the grid of {len(grid)} rows, "
                f"first X_{name}[{missing[0]}]: {_describe(features[missing[0]])}. "
                "Load the grid these arrays were made from, or split it another way."
            )
        found[name] = np.sort(row)
        np.add.at(taken, row, 1)
    if taken.max(initial=0) > 1:
        row = int(np.argmax(taken > 1))
        raise ValueError(
            f"{path}: row {row} of the grid ({_describe(published_features(grid)[row])}) is asked "
            f"for {taken[row]} times, allowed: once. Fetch the file again."
        )
    found.setdefault("test", np.flatnonzero(taken == 0))
    return Split(**found)


def stratified_split(
    grid: Grid, seed: int, fractions: Sequence[float] = (0.7, 0.15, 0.15)
) -> Split:
    """Split at random, with the same mix of fates in every part.

    Args:
        grid: the grid to split, of n rows.
        seed: the same seed gives the same split.
        fractions: shares of training, validation and test rows; their sum is 1.

    Returns:
        The split; every row stands in exactly one part.

    Raises:
        ValueError: the fractions are negative or do not add up to 1.
    """
    shares = np.asarray(fractions, np.float64)
    if shares.shape != (3,) or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-9:
        raise ValueError(f"fractions = {fractions}, allowed: three numbers >= 0 whose sum is 1")
    return Split(*_stratify(grid.fate, np.arange(len(grid)), shares, seed))


def leave_one_mass_out(grid: Grid, mass: float, seed: int = 0) -> Split:
    """Hold out every row in which either star has this mass.

    Args:
        grid: the grid to split.
        mass: one of the masses of the grid [Msun].
        seed: chooses the validation rows: 15 per cent of the others, stratified by fate.

    Returns:
        The split; its test rows ask for a mass that no training row has.

    Raises:
        ValueError: no star of the grid has this mass; the message lists those there are.
    """
    held = np.isclose(grid.m1, mass, rtol=1e-6, atol=0) | np.isclose(
        grid.m2, mass, rtol=1e-6, atol=0
    )
    return _hold_out(grid, held, f"mass = {mass} Msun", np.concatenate([grid.m1, grid.m2]), seed)


def leave_one_age_out(grid: Grid, age: float, seed: int = 0) -> Split:
    """Hold out every row of this age.

    Args:
        grid: the grid to split.
        age: one of the ages of the grid [Gyr].
        seed: chooses the validation rows: 15 per cent of the others, stratified by fate.

    Returns:
        The split.

    Raises:
        ValueError: no row of the grid has this age; the message lists those there are.
    """
    held = np.isclose(grid.age, age, rtol=1e-6, atol=0)
    return _hold_out(grid, held, f"age = {age} Gyr", grid.age, seed)


def leave_one_tams_out(grid: Grid, mass: float, seed: int = 0) -> Split:
    """Hold out every row whose heavier star has this mass and is at its terminal age.

    Args:
        grid: the grid to split.
        mass: one of `tams_masses` [Msun].
        seed: chooses the validation rows: 15 per cent of the others, stratified by fate.

    Returns:
        The split; collisions of other masses at the same age stay in the training.

    Raises:
        ValueError: no heavier star of this mass is at the TAMS; the message lists those there are.
    """
    heavier = np.maximum(grid.m1, grid.m2)
    held = _at_tams(grid) & np.isclose(heavier, mass, rtol=1e-6, atol=0)
    return _hold_out(grid, held, f"TAMS of mass = {mass} Msun", tams_masses(grid), seed)


def tams_masses(grid: Grid) -> NDArray[np.float64]:
    """Masses [Msun], ascending, whose terminal-age main sequence (TAMS) the grid simulates.

    Only of the heavier star of a row: at its TAMS age, lighter stars are still younger than theirs.
    """
    return np.unique(np.maximum(grid.m1, grid.m2)[_at_tams(grid)])


def _at_tams(grid: Grid) -> NDArray[np.bool_]:
    """Whether the heavier star of a row is at its terminal-age main sequence, (n,)."""
    from surrogate.collisions.structure import tams_age

    masses, row = np.unique(np.maximum(grid.m1, grid.m2), return_inverse=True)
    return np.isclose(grid.age, np.asarray(tams_age(masses))[row], rtol=TAMS_MATCH, atol=0)


def _hold_out(
    grid: Grid, held: NDArray[np.bool_], asked: str, available: NDArray[np.float64], seed: int
) -> Split:
    if not held.any():
        listed = ", ".join(f"{value:.9g}" for value in np.unique(available))
        raise ValueError(f"{asked} is not in the grid, allowed: {listed}")
    shares = np.array([0.85, 0.15, 0.0])
    train, val, _ = _stratify(grid.fate, np.flatnonzero(~held), shares, seed)
    return Split(train, val, np.flatnonzero(held))


def _stratify(
    fate: NDArray[np.int64], rows: NDArray[np.int64], shares: NDArray[np.float64], seed: int
) -> list[NDArray[np.int64]]:
    """Deal `rows` into three parts, each fate on its own; shares sum to 1."""
    random = np.random.default_rng(seed)
    parts: list[list[NDArray[np.int64]]] = [[rows[:0]], [rows[:0]], [rows[:0]]]
    for value in np.unique(fate[rows]):
        shuffled = random.permutation(rows[fate[rows] == value])
        cuts = np.rint(np.cumsum(shares)[:2] * len(shuffled)).astype(int)
        for part, chosen in zip(parts, np.split(shuffled, cuts), strict=True):
            part.append(chosen)
    return [np.sort(np.concatenate(part)) for part in parts]


def _describe(features: NDArray[np.float64]) -> str:
    age, rp, vinf = 10 ** features[:3] - [0.001, 0.1, 10]
    m1, m2 = np.exp(features[3:])
    return f"age {age:.6g} Gyr, rp {rp:.6g} Rsun, vinf {vinf:.6g} km/s, m1 {m1:g}, m2 {m2:g} Msun"
