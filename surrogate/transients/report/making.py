"""What the numbers of a report rest on, and what its score means."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

import surrogate
from surrogate.transients import verdict
from surrogate.transients.nights import DETECTED

if TYPE_CHECKING:
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Match


def making(templates: BankTemplates, matches: Sequence[Match]) -> str:
    """The bank, its physics, the errors and the versions, as a list in HTML."""
    facts = {
        **_bank(templates),
        "error of any model": _model_error(matches),
        "models weighed": _models(matches),
        "physics": _physics(asdict(templates.bank.physics)),
        "versions": f"stellar-surrogate {surrogate.__version__}, JAX {jax.__version__}, "
        f"NumPy {np.__version__}, Python {platform.python_version()}",
    }
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    return f"<dl>{''.join(rows)}</dl>"


def meaning() -> str:
    """What the score is, in the words of `verdict.score`."""
    text = inspect.getdoc(verdict.score) or "Calibrated probability of a collision."
    parts = (f"<p>{escape(part)}</p>" for part in text.replace("`", "").split("\n\n"))
    offset, slope = verdict.SCORE
    return "".join(parts) + (
        f"<p>Offset {offset:g}, slope {slope:g}; 0 where no model has an evidence above "
        f"{verdict.NO_FLARE:g}, in ln and relative to no flare: none is seen there. Collisions are "
        "rare: of the flares that a survey finds, fewer than the score says are collisions.</p>"
    )


def _bank(templates: BankTemplates) -> dict[str, str]:
    bank, (least, greatest) = templates.bank, templates.amplitudes
    ranges = [_range(bank.sites[:, column], 3) for column in range(3)]
    return {
        "bank": f"{len(bank):,} simulations, {int(bank.dark.sum()):,} of them dark within "
        f"{bank.times[-1]:,.0f} days, {int(bank.duplicate.sum()):,} duplicates; "
        f"{len(templates):,} distinct light curves",
        "its sites": f"M from {ranges[0]} Msun, r_init from {ranges[1]} Schwarzschild radii, theta "
        f"from {ranges[2]} rad",
        "mass of the ejecta": f"{least:g} to {greatest:g} Msun, log-uniform",
    }


def _range(values: np.ndarray, digits: int) -> str:
    return f"{values.min():.{digits}g} to {values.max():.{digits}g}"


def _physics(values: dict[str, Any]) -> str:
    flat = {name: value for name, value in values.items() if name != "spheroid"}
    flat |= {f"spheroid {name}": value for name, value in values["spheroid"].items()}
    return ", ".join(f"{name} = {float(value):g}" for name, value in flat.items())


def _models(matches: Sequence[Match]) -> str:
    names = dict.fromkeys(name for match in matches for name in match.log_evidence)
    return ", ".join(names) or "none: no object was matched"


def _model_error(matches: Sequence[Match]) -> str:
    """Share of the brightest night, which the errors of the matches tell."""
    shares = set()
    for match in matches:
        nights = match.nights
        extra = np.sqrt(np.maximum(nights.error**2 - nights.measured**2, 0.0))
        for band in np.unique(nights.band):
            seen = (nights.band == band) & (nights.flux > DETECTED * nights.measured)
            if seen.any():
                shares.add(round(float(np.median(extra[seen]) / nights.flux[seen].max()), 4))
    if not shares:
        return "none: no night is bright"
    low, high = min(shares), max(shares)
    text = f"{100 * low:.3g} %" if high - low < 1e-3 else f"{100 * low:.3g} to {100 * high:.3g} %"
    return f"{text} of the brightest night of a band"
