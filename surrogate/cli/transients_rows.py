"""Matched objects as lines of csv, one function a mode."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import csv_line
from surrogate.transients.host import DEFAULT_Z
from surrogate.transients.nights import by_night
from surrogate.transients.photometry import LightCurve
from surrogate.transients.templates import BankTemplates
from surrogate.transients.verdict import COLLISION, Match, Matcher, refused

if TYPE_CHECKING:
    from surrogate.transients.bank import Bank

Answer = Callable[[LightCurve], str | Problem]
Writer = Callable[["Bank", float], tuple[str, Answer]]

NULLS: Final = ("tidal disruption", "Bazin", "supernova")
EXACT: Final = (
    "name",
    "z",
    "z_assumed",
    "nights",
    "score",
    "ln_odds",
    "rival",
    "log_black_hole",
    "log_black_hole_16",
    "log_black_hole_84",
    "best_black_hole",
    "best_r_init",
    "best_theta",
    "temperature",
    "start_mjd",
    "ejecta",
    "ejecta_error",
    "reduced_chi2",
    "ln_evidence_collision",
    *(f"ln_evidence_{name.replace(' ', '_').lower()}" for name in NULLS),
)
"""Masses in Msun, r_init in Schwarzschild radii, temperature in K; ln evidences are relative to no
flare. New columns go to the end."""
PAPER: Final = (
    "name",
    "rank",
    "black_hole",
    "r_init",
    "theta",
    "offset_days",
    "ejecta",
    "reduced_chi2",
    "distance_mag",
)
NEIGHBOURS: Final = 5
Z_ERROR: Final = 0.05
"""Standard deviation of a redshift that is assumed."""


def exact(bank: Bank, model_error: float) -> tuple[str, Answer]:
    """All flares at all starts, against the other models."""
    matcher = Matcher(BankTemplates(bank), model_error=model_error)
    return csv_line(EXACT), _unless_refused(
        lambda curve: csv_line(_exact_row(matcher.match(curve)))
    )


def paper(bank: Bank, model_error: float) -> tuple[str, Answer]:
    """Nearest neighbours; a line for each of them."""
    from surrogate.transients.neighbours import Index

    index = Index.build(bank)
    sites = bank.sites[bank.first]

    def rows(curve: LightCurve) -> str:
        found = index.query(curve, NEIGHBOURS)
        return "\n".join(
            csv_line(
                (curve.name, rank, *sites[n.shape][:3], n.offset, n.ejecta, n.score, n.distance)
            )
            for rank, n in enumerate(found, 1)
        )

    return csv_line(PAPER), _unless_refused(rows)


def posterior(bank: Bank, model_error: float) -> tuple[str, Answer]:
    """Medians and 68 per cent intervals of a sampled posterior; of the bank the physics counts."""
    from surrogate.transients.guide import Guide, sample_flare
    from surrogate.transients.posterior import NAMES, NODES, PARTICLES, FlarePosterior, Prior

    header = ["name", "z", *(f"{n}_{q}" for n in NAMES for q in (16, 50, 84)), "ln_evidence"]
    physics = replace(bank.physics, particles=PARTICLES, nodes=NODES)
    guide = Guide(Prior(), physics, jax.random.key(0))

    def row(curve: LightCurve) -> str:
        z = curve.redshift or DEFAULT_Z
        nights = by_night(curve, z, model_error)
        z_error = 0.0 if curve.redshift else Z_ERROR
        target = FlarePosterior.of(nights, z_error=z_error, ebv=curve.ebv, physics=physics)
        found = sample_flare(target, guide, jax.random.key(1))
        draws = target.parameters(found.draws)
        edges = np.quantile(draws, [0.16, 0.5, 0.84], axis=0)
        return csv_line((curve.name, z, *edges.T.ravel().tolist(), float(found.log_evidence)))

    return csv_line(header), _unless_refused(row)


WRITERS: Final[dict[str, Writer]] = {"exact": exact, "paper": paper, "posterior": posterior}


def _exact_row(m: Match) -> Sequence[object]:
    low, middle, high = m.log_black_hole
    return (
        m.name,
        m.z,
        int(m.z_assumed),
        len(m.nights),
        m.score,
        m.log_bayes,
        m.rival,
        middle,
        low,
        high,
        *m.site[:3],
        m.fit.temperature,
        f"{m.fit.start:.3f}",
        m.fit.amplitude,
        m.fit.amplitude_error,
        m.reduced_chi2,
        m.log_evidence[COLLISION],
        *(m.log_evidence.get(name, math.nan) for name in NULLS),
    )


def _unless_refused(answer: Callable[[LightCurve], str]) -> Answer:
    def careful(curve: LightCurve) -> str | Problem:
        try:
            return answer(curve)
        except ValueError as error:
            return refused(curve, error)

    return careful
