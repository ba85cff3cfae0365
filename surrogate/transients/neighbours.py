"""The paper's way to match: approximate nearest neighbours among simulated light curves.

The paper turns simulations into apparent magnitudes at the redshift of each object, its offset in
time and the mass of its ejecta left free. Here the object is turned into the light of its source
instead, on the magnitude scale: the same but for a constant, and one index serves all redshifts.
A vector holds the magnitudes of a stretch of a light curve at `POINTS` equally spaced times, less
their mean: the mass of the ejecta drops out, and two vectors are apart by the root mean square of
their differences in magnitude. Each offset of a grid has a vector of its own. There is an index
for each of a few lengths, and the longest that an object's detections cover is searched.

Source: Hu & Loeb (2025), section 2 and appendix A, with a navigable graph (Malkov & Yashunin 2018)
for the paper's random trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from surrogate.inference.optional import needs
from surrogate.transients.host import DEFAULT_Z
from surrogate.transients.nights import DETECTED, MODEL_ERROR, by_night
from surrogate.transients.observer import Spectrum, colours

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from surrogate.transients.bank import Bank
    from surrogate.transients.photometry import LightCurve

    Rows = Float[np.ndarray, " n"]
    Vectors = Float[np.ndarray, "*n points"]

POINTS: Final = 32
"""Of a vector."""
SPANS: Final = (30.0, 60.0, 120.0, 240.0, 480.0)
"""Lengths of the stretches that are compared [days at the source]."""
FINENESS: Final = 0.05
"""Offsets are this share of themselves apart, and at least a day: light changes in log t."""
DEPTH: Final = 4.0
"""What is fainter than the brightest point by more is taken to be as faint as this [mag]: surveys
hardly see more of a flare, and the dark would rule all distances."""
FEWEST: Final = 5
"""Fewer nights with a detection are hardly a light curve to interpolate."""
_GRAPH: Final = {"connectivity": 32, "expansion_add": 128, "expansion_search": 128}
_GRID: Final = np.linspace(0.0, 1.0, POINTS)


class Neighbour(NamedTuple):
    """A light curve of the bank that resembles an object's."""

    shape: int
    """Row of `Bank.light`."""
    offset: float
    """From the collision to the first detection [days at the source]."""
    ejecta: float
    """Mass of the ejecta that fits best [Msun]."""
    score: float
    """Goodness of fit: chi^2 of the interpolated magnitudes over their number less two, with the
    nights' errors and 0.1 mag of the model's. The points are not independent: it ranks fits."""
    distance: float
    """Root mean square difference from the object after the best scaling [mag]."""


class Query(NamedTuple):
    """An object as it is looked up."""

    span: float
    """Length of the stretch, from the first detection on [days at the source]."""
    vector: Float[np.ndarray, " points"]
    """Magnitudes less their mean, over the root of `POINTS`."""
    level: float
    """The mean: of -2.5 log10 of the light [1e44 erg/s]."""
    error: Float[np.ndarray, " points"]
    """Of the magnitudes."""


class Stretches(NamedTuple):
    """All stretches of one length in a bank, and usearch's graph of their vectors."""

    shape: Int[np.ndarray, " n"]
    offset: Rows  # from the collision [days]
    vectors: Vectors
    level: Rows
    graph: Any


class Index:
    """Approximate nearest neighbours among the light curves of a bank; made by `build`.

    Args:
        stretches: of each length [days at the source].
    """

    def __init__(self, stretches: dict[float, Stretches]) -> None:
        self.stretches = stretches

    def __len__(self) -> int:
        return sum(len(found.shape) for found in self.stretches.values())

    @classmethod
    def build(cls, bank: Bank, spans: Sequence[float] = SPANS, *, threads: int = 0) -> Index:
        """Index all light curves at all offsets.

        Args:
            bank: at least one of its light curves is not dark.
            spans: lengths of the stretches [days at the source], above 0 and below the bank's.
            threads: that build the graphs, 0 for one a core; with one they are always the same.

        Returns:
            The index.

        Raises:
            ImportError: usearch is not installed.
            ValueError: the bank is all dark, or a span is not allowed.
        """
        make = needs("usearch.index", "ann").Index
        if not len(bank.light):
            raise ValueError("the bank has no light curve, needed: at least 1 that is not dark")
        last, stretches = float(bank.times[-1]), {}
        for span in spans:
            if not 0.0 < span < last:
                raise ValueError(f"span = {span:g} days, allowed: above 0, below {last:g}")
            shape, offset, light = _cut(bank, span)
            vectors, level = _embed(light)
            graph = make(ndim=POINTS, metric="l2sq", dtype="f32", **_GRAPH)
            graph.add(np.arange(len(shape)), vectors, threads=threads)
            stretches[span] = Stretches(shape, offset, vectors, level, graph)
        return cls(stretches)

    def query(
        self, curve: LightCurve, k: int = 5, spectrum: Spectrum | None = None
    ) -> list[Neighbour]:
        """The light curves that resemble an object's, at whatever offset and mass.

        Args:
            curve: the object; its nights without a detection count for nothing, and days between
                detections are interpolated, linearly in magnitude.
            k: neighbours, at least 1.
            spectrum: of the source; a blackbody of 20,000 K where left out.

        Returns:
            At most k neighbours, the nearest first; one light curve may appear at several offsets.

        Raises:
            ValueError: too few nights have a detection, or they span too short a time.
        """
        if k < 1:
            raise ValueError(f"k = {k}, allowed: at least 1")
        query = self.embed(curve, spectrum)
        stretches = self.stretches[query.span]
        found = stretches.graph.search(query.vector, min(k, len(stretches.shape)))
        return [_neighbour(query, stretches, int(row)) for row in found.keys]

    def embed(self, curve: LightCurve, spectrum: Spectrum | None = None) -> Query:
        """What `query` looks up; arguments and errors are the same."""
        time, light, error = _detections(curve, spectrum)
        if len(time) < FEWEST:
            found = f"{len(time)} nights with a detection"
            raise ValueError(f"{curve.name}: {found}, needed: at least {FEWEST}")
        spans = [span for span, s in self.stretches.items() if len(s.shape) and span <= time[-1]]
        if not spans:
            found = f"detected for {time[-1]:.1f} days at the source"
            raise ValueError(f"{curve.name}: {found}, needed: at least {min(self.stretches):g}")
        grid = max(spans) * _GRID
        vector, level = _embed(np.exp(np.interp(grid, time, np.log(light))))
        return Query(max(spans), vector, float(level), np.interp(grid, time, error))


def recall(index: Index, queries: Sequence[LightCurve], k: int = 5) -> float:
    """Share of the k nearest neighbours that an index finds.

    Args:
        index: the index.
        queries: objects, at least one.
        k: neighbours of each.

    Returns:
        0 to 1, the mean over the objects.

    Raises:
        ValueError: as `Index.query`.
    """
    shares = []
    for curve in queries:
        query = index.embed(curve)
        stretches = index.stretches[query.span]
        exact = np.argsort(np.sum((stretches.vectors - query.vector) ** 2, axis=1))[:k]
        found = stretches.graph.search(query.vector, len(exact)).keys
        shares.append(np.isin(exact, found).mean())
    return float(np.mean(shares))


def _offsets(last: float) -> Float[np.ndarray, " offsets"]:
    """From 0 to the last, in steps of a day, later of `FINENESS`."""
    steps = np.log(max(last * FINENESS, 1.0)) / np.log1p(FINENESS)
    later = (1.0 + FINENESS) ** np.arange(int(steps) + 1) / FINENESS
    offsets = np.concatenate([np.arange(0.0, 1.0 / FINENESS), later])
    return offsets[offsets <= last]


def _cut(bank: Bank, span: float) -> tuple[Int[np.ndarray, " n"], Rows, Vectors]:
    """Shape, offset and light of all stretches of a length whose first point may be detected."""
    offsets = _offsets(float(bank.times[-1]) - span)
    times = offsets[:, None] + span * _GRID
    light = np.stack([np.interp(times, bank.times, row, left=0.0) for row in bank.light])
    shape, offset = np.nonzero(light[..., 0] > 10.0 ** (-0.4 * DEPTH) * light.max(axis=-1))
    return shape, offsets[offset], light[shape, offset]


def _embed(light: Vectors) -> tuple[Vectors, Float[np.ndarray, "*n"]]:
    """Magnitudes less their mean, and the mean."""
    faintest = 10.0 ** (-0.4 * DEPTH) * light.max(axis=-1, keepdims=True)
    magnitude = -2.5 * np.log10(np.maximum(light, faintest))
    level = magnitude.mean(axis=-1, keepdims=True)
    # usearch takes the sum of squares; so it is their mean.
    return ((magnitude - level) / np.sqrt(POINTS)).astype(np.float32), level[..., 0]


def _detections(curve: LightCurve, spectrum: Spectrum | None) -> tuple[Rows, Rows, Rows]:
    """Days at the source since the first detection, light [1e44 erg/s] and its error [mag]."""
    z = DEFAULT_Z if curve.redshift is None else curve.redshift
    nights = by_night(curve, z, model_error=0.0)
    seen = nights.flux > DETECTED * nights.measured
    if not seen.any():
        return np.empty(0), np.empty(0), np.empty(0)
    colour = np.asarray(colours(nights.bands, z, spectrum, curve.ebv), float)[nights.band[seen]]
    _, night = np.unique(nights.cell[seen], return_inverse=True)
    weight = (colour / nights.measured[seen]) ** 2
    total = np.bincount(night, weight)
    light = np.bincount(night, weight * nights.flux[seen] / colour) / total
    time = np.bincount(night, weight * nights.time[seen]) / total
    error = 2.5 / np.log(10.0) / (light * np.sqrt(total))
    return time - time[0], light, error


def _neighbour(query: Query, stretches: Stretches, row: int) -> Neighbour:
    """Scale a stretch to an object, and say how well it fits."""
    vectors = query.vector - stretches.vectors[row]
    difference = np.sqrt(POINTS) * vectors + query.level - stretches.level[row]
    weight = 1.0 / (query.error**2 + MODEL_ERROR**2)
    fainter = np.average(difference, weights=weight)
    chi2 = float(np.sum(weight * (difference - fainter) ** 2))
    shape, offset = int(stretches.shape[row]), float(stretches.offset[row])
    ejecta, distance = float(10.0 ** (-0.4 * fainter)), float(np.linalg.norm(vectors))
    return Neighbour(shape, offset, ejecta, chi2 / (POINTS - 2), distance)
