"""A bank that is dense where light curves differ: boxes that are halved until they hardly do.

Boxes in log10 M, log10 r_init and theta. Without drift phi plays no part, and theta and pi - theta
have one light curve, so that theta runs from 0 to pi / 2. A box is known by the light curves of
its centre and of the six points half-way from there to its faces, where the centres of its halves
would be. The mismatch of two light curves is that of the template banks of gravitational-wave
searches (Owen 1996): 1 less the greatest overlap over all shifts in time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surrogate.transients.bank import BLACK_HOLES, RADII, WINDOW, Bank, simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.templates import daily

if TYPE_CHECKING:
    from jaxtyping import Complex, Float, Int

    from surrogate.transients.bank import Sites

    Points = Float[np.ndarray, "n 3"]

TOLERANCE: Final = 0.03
"""Greatest mismatch of a box's centre with the centres of its halves."""
MOST: Final = 20_000
"""Boxes."""
COARSE: Final = (8, 16, 8)
"""Boxes along log10 M, log10 r_init and theta to start with: what lies between their points, and
at none of them, is not found."""
HALVINGS: Final = 4
"""A box of the coarse set may be halved so often along each axis."""
_LEAST_RADIUS: Final = 3.0
"""The innermost stable circular orbit [Schwarzschild radii]."""
_CHUNK: Final = 256


class Bounds(NamedTuple):
    """What a bank covers; the paper's bounds where left out."""

    black_hole: tuple[float, float] = (BLACK_HOLES[0], BLACK_HOLES[-1])
    """Mass of the black hole [Msun]."""
    r_init: tuple[float, float] = (RADII[0], RADII[-1])
    """Distance of the collision [Schwarzschild radii]."""

    @property
    def corners(self) -> Float[np.ndarray, "2 3"]:
        """Of the domain: log10 M [Msun], log10 r_init [Schwarzschild radii], theta [rad].

        Raises:
            ValueError: a bound is not allowed.
        """
        for name, least in (("black_hole", 0.0), ("r_init", _LEAST_RADIUS)):
            low, high = getattr(self, name)
            if not least < low < high:
                allowed = f"allowed: {least:g} < least < greatest"
                raise ValueError(f"bounds.{name} = ({low:g}, {high:g}), {allowed}")
        logs = np.log10([self.black_hole, self.r_init]).T
        return np.column_stack([logs, (0.0, np.pi / 2.0)])


class Boxes(NamedTuple):
    """Boxes that tile the domain, in log10 M [Msun], log10 r_init [r_S] and theta [rad]."""

    low: Float[np.ndarray, "boxes 3"]
    """Lower corners."""
    high: Float[np.ndarray, "boxes 3"]
    """Upper corners."""
    mismatch: Float[np.ndarray, "boxes 3"]
    """Greatest mismatch of the centre with the two points along each axis; 1 where one of them is
    dark and the other is not, 0 where both are."""

    @property
    def sites(self) -> Sites:
        """The centres, as `Bank.sites`."""
        return _to_sites((self.low + self.high) / 2.0)

    @property
    def volume(self) -> Float[np.ndarray, " boxes"]:
        """In dex^2 rad."""
        return np.prod(self.high - self.low, axis=1)

    def take(self, rows: Int[np.ndarray, " some"]) -> Boxes:
        """Some of the boxes."""
        return Boxes(*(field[rows] for field in self))


def adaptive_bank(
    tolerance: float = TOLERANCE,
    physics: Physics | None = None,
    *,
    most: int = MOST,
    bounds: Bounds | None = None,
    window: float = WINDOW,
    report: Callable[[int, int], None] = lambda boxes, most: None,
) -> Bank:
    """Simulate a bank at the centres of boxes as small as the light curves ask for.

    The prior is that of the paper's grid: uniform in log10 M, log10 r_init and theta.

    Args:
        tolerance: greatest mismatch of a light curve with those half-way to the faces of its box,
            0 to 1.
        physics: the assumptions; the defaults where left out.
        most: boxes; where there are so many, the worst were halved first.
        bounds: what the bank covers; the paper's bounds where left out.
        window: days that a flare has to be seen in, at least 2.
        report: is told how many boxes there are, and `most`.

    Returns:
        The bank, one site a box, its weight the prior probability of the box.

    Raises:
        ValueError: an argument is not allowed, or the centre of mass drifts: phi matters then, and
            theta and pi - theta differ.
    """
    boxes = refine(tolerance, physics, most=most, bounds=bounds, window=window, report=report)
    return simulate_bank(boxes.sites, boxes.volume, physics, window=window)


def refine(
    tolerance: float = TOLERANCE,
    physics: Physics | None = None,
    *,
    most: int = MOST,
    bounds: Bounds | None = None,
    window: float = WINDOW,
    report: Callable[[int, int], None] = lambda boxes, most: None,
) -> Boxes:
    """The boxes of `adaptive_bank`: arguments and errors are the same."""
    physics = physics or Physics()
    _check(tolerance, physics, most, window)
    low, high = _coarse((bounds or Bounds()).corners)
    smallest = (high - low)[0] * 0.5**HALVINGS
    boxes = _measure(low, high, physics, window)
    while True:
        report(len(boxes.low), most)
        axis, worst = _worst(boxes, smallest)
        poor = np.flatnonzero(worst > tolerance)
        poor = poor[np.argsort(-worst[poor], kind="stable")][: most - len(worst)]
        if not len(poor):
            return boxes
        halves = _measure(*_halves(boxes.take(poor), axis[poor]), physics, window)
        kept = boxes.take(np.setdiff1d(np.arange(len(worst)), poor))
        boxes = Boxes(*(np.concatenate(both) for both in zip(kept, halves, strict=True)))


def draw_sites(rng: np.random.Generator, n: int, bounds: Bounds | None = None) -> Sites:
    """Sites from the prior of `adaptive_bank`, with theta up to pi / 2 and phi = 0."""
    low, high = (bounds or Bounds()).corners
    return _to_sites(rng.uniform(low, high, (n, 3)))


def effectualness(
    bank: Bank, shapes: Float[np.ndarray, "n days"]
) -> tuple[Float[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """How well a bank stands for any light curves.

    Args:
        bank: with at least one light curve.
        shapes: means of each day since the collision, any unit, as many days as the bank has.

    Returns:
        The mismatch with the nearest light curve of the bank, and which row of `bank.light` it is.
    """
    queries, templates = _transforms(shapes), _transforms(daily(bank))
    least, nearest = np.full(len(queries), np.inf), np.zeros(len(queries), int)
    parts = np.array_split(templates, -(-len(templates) // _CHUNK))
    for i, query in enumerate(queries):
        found = np.concatenate([_mismatch(query, part) for part in parts])
        nearest[i], least[i] = np.argmin(found), np.min(found)
    return least, nearest


def _check(tolerance: float, physics: Physics, most: int, window: float) -> None:
    if not 0.0 < tolerance < 1.0:
        raise ValueError(f"tolerance = {tolerance}, allowed: 0 to 1")
    if float(physics.drift) != 0.0:
        raise ValueError(
            f"drift = {physics.drift}, allowed in an adaptive bank: 0; "
            "simulate_bank takes sites in theta and phi of any choice"
        )
    if most < np.prod(COARSE):
        raise ValueError(f"most = {most}, allowed: at least {np.prod(COARSE)}")
    if not window >= 2.0:
        raise ValueError(f"window = {window} days, allowed: at least 2")


def _worst(
    boxes: Boxes, smallest: Float[np.ndarray, " 3"]
) -> tuple[Int[np.ndarray, " boxes"], Float[np.ndarray, " boxes"]]:
    """The axis that a box is best halved along, and the mismatch there; 0 where there is none."""
    # Not where one point is dark: half of the bank would crowd along that edge, where few
    # collisions are, and yet miss the lit corners of boxes whose seven points are dark.
    halvable = (boxes.high - boxes.low > 1.5 * smallest) & (boxes.mismatch < 1.0)
    mismatch = np.where(halvable, boxes.mismatch, 0.0)
    return np.argmax(mismatch, axis=1), np.max(mismatch, axis=1)


def _coarse(corners: Float[np.ndarray, "2 3"]) -> tuple[Points, Points]:
    parts = np.stack(np.meshgrid(*map(np.arange, COARSE), indexing="ij"), axis=-1).reshape(-1, 3)
    size = (corners[1] - corners[0]) / COARSE
    return corners[0] + parts * size, corners[0] + (parts + 1) * size


def _halves(boxes: Boxes, axis: Int[np.ndarray, " boxes"]) -> tuple[Points, Points]:
    rows = np.arange(len(axis))
    low, high = boxes.low.copy(), boxes.high.copy()
    low[rows, axis] = high[rows, axis] = (boxes.low + boxes.high)[rows, axis] / 2.0
    return np.concatenate([boxes.low, low]), np.concatenate([high, boxes.high])


def _to_sites(points: Points) -> Sites:
    phi = np.zeros((len(points), 1))
    return np.concatenate([10.0 ** points[:, :2], points[:, 2:], phi], axis=1)


def _measure(low: Points, high: Points, physics: Physics, window: float) -> Boxes:
    """Simulate the seven points of each box."""
    steps = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
    points = ((low + high) / 2.0)[:, None] + steps * ((high - low) / 4.0)[:, None]
    bank = simulate_bank(_to_sites(points.reshape(-1, 3)), physics=physics, window=window)
    curve = bank.curve.reshape(-1, 7)
    lit = curve >= 0
    mismatch = (lit[:, :1] != lit[:, 1:]).astype(float)
    both = np.flatnonzero(lit[:, 0] & lit[:, 1:].any(axis=1))
    shapes = daily(bank) if len(both) else np.empty((0, 2))
    for rows in np.array_split(both, -(-len(both) // _CHUNK) or 1):
        transforms = _transforms(shapes[curve[rows]])  # of what is dark: any, and not used
        found = _mismatch(transforms[:, :1], transforms[:, 1:])
        mismatch[rows] = np.where(lit[rows, 1:], found, 1.0)
    return Boxes(low, high, np.maximum(mismatch[:, :3], mismatch[:, 3:]))


def _transforms(shapes: Float[np.ndarray, "*shape days"]) -> Complex[np.ndarray, "*shape k"]:
    """Of shapes of unit norm, with as many zeros behind them that no shift wraps around."""
    unit = shapes / np.linalg.norm(shapes, axis=-1, keepdims=True)
    return np.fft.rfft(unit.astype(np.float32), 1 << (2 * shapes.shape[-1] - 2).bit_length())


def _mismatch(
    a: Complex[np.ndarray, "*shape k"], b: Complex[np.ndarray, "*shape k"]
) -> Float[np.ndarray, " *shape"]:
    overlap = np.max(np.fft.irfft(a.conj() * b), axis=-1)
    return np.clip(1.0 - overlap, 0.0, None)
