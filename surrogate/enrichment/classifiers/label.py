"""Labels of stars: the paper's table 1, and beside it what can be said with errors.

The paper looks "across each row" of its table for the overall label and gives no rule. Here every
cell is a vote: a binary one for r or s; a one-class one for its class where the star is inside,
else for the other. The process with more votes is the label, ? where they are even or there are
none. Of the paper's own cells this rule makes the paper's own overall label for all 38 stars of
table 1, and for 3 of the 5 of table 2 (it finds r where the paper gives none for stars 30 and 41).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import jax
import numpy as np

from surrogate.enrichment.classifiers.generative import (
    ERROR,
    LEAST,
    log_density,
    observe,
    probabilities,
)
from surrogate.enrichment.classifiers.mixture import Shares, mixtures_of, r_shares
from surrogate.enrichment.classifiers.models import LEARNT, SIZES, Models
from surrogate.enrichment.classifiers.next_element import Gain, next_elements
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.enrichment.classifiers.typicality import typicality
from surrogate.enrichment.features import SETS, star_features

if TYPE_CHECKING:
    from jaxtyping import Int

    from surrogate.enrichment.stars import Stars

MISSING: Final = "-"
OUTSIDE: Final = "."
UNDECIDED: Final = "?"
WORTH: Final = 0.001
"""Least expected information that is worth a measurement [bit]."""
BINARY_CELLS: Final = 4
"""The first columns of table 1; the next two are of classifiers that learnt r, the last of s."""
ONE_CLASS_COLUMNS: Final = ("r", "r", "s", "s")


class StarLabel(NamedTuple):
    """What is said of one star."""

    name: str
    reference: str
    cells: Mapping[str, str]
    """By set of elements (er, pb): a sign for each of `published.COLUMNS`, r or s, . where it is
    outside of a class, - where an element is missing; the answer of most seeds."""
    agreement: Mapping[str, tuple[float, ...]]
    """Share of seeds that give the cell's answer; NaN where an element is missing."""
    overall: str
    """By the votes of the cells: r, s or ?; - where no cell has an answer."""
    stability: float
    """Share of seeds whose own cells make the same overall label; NaN where there is none."""
    elements: int
    """How many the probabilities know of."""
    probability: Mapping[str, float]
    """By process; NaN where fewer than two elements were measured."""
    process: str
    """The likeliest one; ? where there is none."""
    typicality: float
    """Share of stars of that process that are as unlikely as this one, or more."""
    mixed: float
    """Probability that r and s both had a part, against r alone and s alone."""
    r_share: Mapping[str, tuple[float, float, float]]
    """Of Eu and Ba, if r and s both had a part: 16, 50 and 84 per cent of the posterior."""
    next_elements: tuple[Gain, ...]
    """What to measure next, the best first."""
    problem: str
    """Why there is less than a full answer; empty where there is not."""

    @property
    def next_element(self) -> str:
        """What to measure next; empty where nothing would say `WORTH` or more."""
        worth = [gain.element for gain in self.next_elements if gain.information >= WORTH]
        return worth[0] if worth else ""


def label_stars(stars: Stars, models: Models, *, error: float = ERROR) -> list[StarLabel]:
    """Label stars.

    Args:
        stars: n of them. One that lacks what a classifier needs has a problem in its row, and the
            answers of the others.
        models: as of `models.train_models`.
        error: of abundances without one [dex].
    """
    votes = {name: _votes(stars, models, name) for name in SETS}
    joined = np.concatenate([votes[name] for name in SETS], axis=-1)
    by_seed = np.stack([_majority(joined[k]) for k in range(joined.shape[0])])
    model = models.generative
    seen = observe(stars, model.elements, error)
    p = probabilities(model, seen)
    typical = typicality(model, seen, jax.random.key(0))
    gains = next_elements(model, seen)
    mixtures = r_shares(mixtures_of(model), seen)
    shares = mixtures.shares
    pure = log_density(model, seen)[:, :2]
    logs = np.column_stack([pure, mixtures.log_evidence]) / model.temperature
    mixed = np.asarray(jax.nn.softmax(logs, axis=1))[:, 2]
    present = [PROCESSES.index(process) for process in model.processes]
    rows = []
    for i in range(len(stars)):
        cells, agreement = {}, {}
        for name in SETS:
            cells[name], agreement[name] = _cells(votes[name][:, i])
        count = int(seen.measured[i].sum())
        best = max(present, key=lambda k: p[i, k]) if count >= LEAST else None
        overall = overall_label(cells["er"], cells["pb"])
        row = StarLabel(
            name=stars.name[i],
            reference=stars.reference[i],
            cells=cells,
            agreement=agreement,
            overall=overall,
            stability=_stability(by_seed[:, i], overall),
            elements=count,
            probability={PROCESSES[k]: float(p[i, k]) for k in present},
            process=UNDECIDED if best is None else PROCESSES[best],
            typicality=float("nan") if best is None else float(typical[i, best]),
            mixed=float(mixed[i]),
            r_share={element: _interval(share, i) for element, share in shares.items()},
            next_elements=tuple(gains[i]),
            problem=_problem(stars, i, cells, count),
        )
        rows.append(row)
    return rows


def overall_label(er: str, pb: str) -> str:
    """The overall label of the cells of a star, as this module describes it.

    Args:
        er: cells with the elements up to Er; eight as in `published.COLUMNS`, or the last four.
        pb: cells with Pb in place of Er.

    Returns:
        r, s or ?; - where no cell has an answer.
    """
    signs = [_sign(cell, k) for row in (er, pb) for k, cell in enumerate(row.rjust(8, MISSING))]
    if not any(signs):
        return MISSING
    return {1: "s", -1: "r", 0: UNDECIDED}[int(np.sign(sum(signs)))]


def _sign(cell: str, column: int) -> int:
    """1 for s, -1 for r, 0 for no answer."""
    if cell == OUTSIDE:
        return 1 if ONE_CLASS_COLUMNS[column - BINARY_CELLS] == "r" else -1
    return {"r": -1, "s": 1}.get(cell, 0)


def _votes(stars: Stars, models: Models, name: str) -> Int[np.ndarray, "seeds n cells"]:
    """1 for s, -1 for r, 0 for no answer, in the order of `published.COLUMNS`."""
    x = star_features(stars, SETS[name]).values
    columns = [
        _signs(models.binary[name, size].votes(x, state), 1)
        for state in ("min", "max")
        for size in SIZES
    ]
    for process in LEARNT:
        inside = 1 if process == "s" else -1
        columns += [_signs(models.one_class[name, process, k].votes(x), inside) for k in SIZES]
    return np.stack(columns, axis=-1)


def _signs(votes: Int[np.ndarray, "seeds n"], yes: int) -> Int[np.ndarray, "seeds n"]:
    return np.where(votes < 0, 0, np.where(votes == 1, yes, -yes))


def _majority(votes: Int[np.ndarray, "n cells"]) -> Int[np.ndarray, " n"]:
    return np.sign(votes.sum(axis=-1))


def _cells(votes: Int[np.ndarray, "seeds cells"]) -> tuple[str, tuple[float, ...]]:
    """The answer of most seeds in each column, and their share; the first seed breaks a tie."""
    text = ""
    shares: list[float] = []
    for k, column in enumerate(votes.T):
        if not column.any():
            text += MISSING
            shares.append(float("nan"))
            continue
        sign = int(np.sign(column.sum())) or int(column[0])
        shares.append(float((column == sign).mean()))
        word = "s" if sign > 0 else "r"
        if k >= BINARY_CELLS and ONE_CLASS_COLUMNS[k - BINARY_CELLS] != word:
            word = OUTSIDE
        text += word
    return text, tuple(shares)


def _stability(by_seed: Int[np.ndarray, " seeds"], overall: str) -> float:
    if overall == MISSING:
        return float("nan")
    return float((by_seed == {"s": 1, "r": -1, UNDECIDED: 0}[overall]).mean())


def _interval(share: Shares, i: int) -> tuple[float, float, float]:
    low, median, high = (float(values[i]) for values in share)
    return low, median, high


def _problem(stars: Stars, i: int, cells: Mapping[str, str], count: int) -> str:
    if count < LEAST:
        return f"elements with a value: {count}, allowed: {LEAST} and more; no answer"
    if not np.isfinite(stars.of("Eu")[i]):
        return "no europium: networks cannot answer, probabilities can"
    if all(set(text) == {MISSING} for text in cells.values()):
        lacking = [e for e in SETS["er"] if not np.isfinite(stars.of(e)[i])]
        return f"no {', '.join(lacking)}: networks cannot answer, probabilities can"
    return ""
