"""When a run may stop.

Gonzalez Prieto et al. 2026, section 2.3. Times in code units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from surrogate.simulations.history import History


@dataclass(frozen=True)
class StopRule:
    """The numbers of the rule; the paper's by default, but for `longest`."""

    extension: float = 30.0
    """How much longer a run goes on after something happened [dt_out]."""
    energy_change: float = 0.01
    """Relative change of the internal energy that counts as something."""
    few_particles: int = 100
    """A remnant of fewer particles must prove that it lasts ..."""
    least: float = 100.0
    """... until this time [dt_out]."""
    longest: float = 2000.0
    """No run is extended beyond this time: a wide binary would never end [dt_out]."""

    def __post_init__(self) -> None:
        for name in ("extension", "energy_change", "few_particles", "least", "longest"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} = {value}, allowed: finite and > 0.")


class Stop(NamedTuple):
    """When a run may stop, as far as its snapshots say."""

    time: float
    """It may stop at t >= this [code units]."""
    reason: str
    """What made the run this long."""
    undecided: bool = False
    """Whether the rule asks for more than the limit: the run's end is not its outcome's last
    word."""


def stop_time(history: History, dt_out: float, tf: float, rule: StopRule | None = None) -> Stop:
    """When a run may stop: the rule evaluated over its snapshots, in order.

    - Where the number of components has decreased (they merged, or one was destroyed), or two are
      bound to each other: tf = max(tf, t + 30 dt_out).
    - Where a remnant has fewer than 100 particles: tf = max(tf, 100 dt_out).
    - Whenever tf was updated, the internal energy is stored. Where it later differs by more than
      1 % from what is stored: tf = max(tf, t + 30 dt_out).

    The paper's "again extended by 30 dt_out" is read as from the time of the change, as in the
    first rule: else a merger that goes on cooling would add 30 dt_out for every per cent.

    Args:
        history: the run so far; a longer history of the same run never gives an earlier time.
        dt_out: time between two snapshots [code units].
        tf: the time at which the run would end otherwise [code units]; always the first one, not
            one that this function returned.
        rule: the numbers.

    Returns:
        When the run may stop, and why. The run is done once its last snapshot is at that time or
        later; until then it has to go on, and this must be asked again.

    Raises:
        ValueError: `dt_out` or `tf` is not finite and positive.

    Source: Gonzalez Prieto et al. 2026, section 2.3.
    """
    for name, value in (("dt_out", dt_out), ("tf", tf)):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} = {value}, allowed: finite and > 0.")
    rule = rule or StopRule()
    end, reason, stored = tf, "nothing asks for more than was planned", math.nan
    for k in range(len(history)):
        if k and history.t[k - 1] >= end:
            break  # the run was over; what was recorded beyond its end cannot prolong it
        demands = list(_demands(history, k, stored, dt_out, rule))
        until, why = max(demands, default=(end, ""), key=lambda demand: demand[0])
        if until > end:
            end, stored = until, float(history.internal_energy[k])
            reason = f"{why} at t = {history.t[k]:.6g}"
    limit = max(tf, rule.longest * dt_out)
    if end > limit:
        return Stop(limit, f"no run may take longer, but {reason}", True)
    return Stop(end, reason)


def _demands(
    history: History, k: int, stored: float, dt_out: float, rule: StopRule
) -> Iterator[tuple[float, str]]:
    """Times until which snapshot k asks the run to go on, and why; `stored` is NaN at first."""
    present = history.number > 0
    before = np.count_nonzero(present[k - 1]) if k else 2
    now = np.count_nonzero(present[k])
    onwards = float(history.t[k]) + rule.extension * dt_out
    if now < before:
        event = "the stars merged" if history.merged[k] else "a star was destroyed"
        yield onwards, event
    if now == 2 and history.semimajor_axis[k] > 0:
        yield onwards, "the stars were bound to each other"
    energy = history.internal_energy[k]
    if abs(energy - stored) > rule.energy_change * abs(stored):
        yield onwards, f"the internal energy had changed by over {rule.energy_change:.3g} of itself"
    few = present[k] & (history.number[k] < rule.few_particles)
    if few.any():
        count = history.number[k][few].min()
        yield rule.least * dt_out, f"a remnant had only {count} particles"
