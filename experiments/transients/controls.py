"""Known flares that are no collisions, and injected ones: how well the odds tell them apart.

Needs: the known events, `sne_ia/`, `tde/` (in SURROGATE_DATA or --data).

180 type Ia supernovae and 41 tidal disruptions of ZTF, and flares from anywhere in the prior that
are injected into the same skies. The score of `verdict.score` is the logistic curve fitted here,
and `known_odds.json` among the results is what the package ships. AT2020opy, a candidate of
the paper, is a tidal disruption: it goes through the same, end to end.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from surrogate.learning.files import write_json
from surrogate.reports.receiver import Receiver, receiver_curve
from surrogate.reports.report import Report
from surrogate.reports.run import Run, start
from surrogate.reports.style import PAGE, save
from surrogate.transients.adaptive import draw_sites
from surrogate.transients.bank import simulate_bank
from surrogate.transients.known_events import OPY, KnownEvents, load_known_events
from surrogate.transients.photometry import LightCurve
from surrogate.transients.templates import BankTemplates
from surrogate.transients.trials import Flares, Trial, make_trials
from surrogate.transients.verdict import Match, Matcher, squash

Array = np.ndarray

SEED = 7
DRAWN = 20_000
"""Sites of the prior; about a fifth of them is not dark."""
COPIES = 2
"""Injections into each sky."""
RATES = (0.01, 0.05, 0.1)
COLUMNS = ("controls", "n", "AUC", *(f"found at {100 * r:g} % false" for r in RATES), "AUC of chi2")


def body(run: Run) -> None:
    events = load_known_events(run.data)
    if run.quick:
        events = events._replace(
            tidal_disruptions=events.tidal_disruptions[::6], supernovae=events.supernovae[::10]
        )
    random = np.random.default_rng(SEED)
    flares = Flares(draw_sites(random, DRAWN // (10 if run.quick else 1)))
    matcher = Matcher(BankTemplates(simulate_bank()))
    controls = match(matcher, [*events.controls, events.opy], "controls")
    skies = events.controls * (1 if run.quick else COPIES)
    trials = make_trials(flares, skies, random, [sky.redshift or 0.08 for sky in skies])
    found = match(matcher, [trial.curve for trial in trials], "injections")
    report_on(run, events, controls, found)
    keep(run, events, controls, found, trials)


def match(matcher: Matcher, curves: Sequence[LightCurve], what: str) -> list[Match]:
    """Matches of what can be matched."""
    answers = matcher.match_all(curves)
    console = Console(stderr=True)
    answers = track(answers, what, total=len(curves), console=console)
    return [answer for answer in answers if isinstance(answer, Match)]


def report_on(run: Run, events: KnownEvents, controls: list[Match], found: list[Match]) -> None:
    names = {curve.name for curve in events.tidal_disruptions}
    trained = {curve.name for curve in events.supernovae[::2]}
    opy = next(m for m in controls if m.name == OPY)
    controls = [m for m in controls if m is not opy]
    groups = {
        "all": controls,
        "tidal disruptions": [m for m in controls if m.name in names],
        "supernovae": [m for m in controls if m.name not in names],
        "supernovae not in the template": [m for m in controls if m.name not in names | trained],
    }
    report = Report(run, "Injected collisions against known flares", COLUMNS)
    odds = np.array([m.log_bayes for m in found])
    chi2 = np.array([m.reduced_chi2 for m in found])
    for name, group in groups.items():
        curve = receiver_curve(odds, np.array([m.log_bayes for m in group]))
        alone = receiver_curve(-chi2, np.array([-m.reduced_chi2 for m in group]))
        rates = [float(np.interp(r, curve.false_positive, curve.true_positive)) for r in RATES]
        report.add(name, len(group), curve.auc, *rates, alone.auc)
    offset, slope = fit_score(odds, np.array([m.log_bayes for m in controls]))
    report.details |= {
        "score": [offset, slope],
        "injections": len(found),
        "supernovae whose best rival is a supernova": np.mean(
            [m.rival == "supernova" for m in groups["supernovae"]]
        ),
        "median reduced chi2 of tidal disruptions": np.median(
            [m.reduced_chi2 for m in groups["tidal disruptions"]]
        ),
        "median reduced chi2 of supernovae": np.median(
            [m.reduced_chi2 for m in groups["supernovae"]]
        ),
        OPY: {
            "ln odds": opy.log_bayes,
            "rival": opy.rival,
            "log M": opy.log_black_hole,
            "log M of the best": np.log10(opy.site[0]),
            "ejecta": opy.fit.amplitude,
            "reduced chi2": opy.reduced_chi2,
        },
    }
    report.note(f"{len(found)} injections; score: logistic of {offset:.3f} + {slope:.3f} x.")
    report.note(f"{OPY}: ln odds {opy.log_bayes:.1f}, best {opy.rival}.")
    report.write()
    draw(run, receiver_curve(odds, np.array([m.log_bayes for m in controls])), groups, odds)


def fit_score(positive: Array, negative: Array) -> tuple[float, float]:
    """Offset and slope of the score, for as many collisions as others."""
    x = squash(np.concatenate([positive, negative]))[:, None]
    y = np.repeat([1, 0], [len(positive), len(negative)])
    fit = LogisticRegression(C=1e3, class_weight="balanced").fit(x, y)
    return float(fit.intercept_[0]), float(fit.coef_[0, 0])


def keep(
    run: Run, events: KnownEvents, controls: list[Match], found: list[Match], trials: list[Trial]
) -> None:
    """What the package ships: the odds of all of them."""
    supernovae = {curve.name for curve in events.supernovae}
    ratio = {id(trial.curve): trial.signal_to_noise for trial in trials}
    write_json(
        run.folder / "known_odds.json",
        {
            "supernovae": {m.name: round(m.log_bayes, 2) for m in controls if m.name in supernovae},
            "tidal_disruptions": {
                m.name: round(m.log_bayes, 2) for m in controls if m.name not in supernovae | {OPY}
            },
            "injections": [[round(m.log_bayes, 2), round(ratio[id(m.curve)], 1)] for m in found],
        },
    )


def draw(run: Run, curve: Receiver, groups: dict[str, list[Match]], odds: Array) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 0.42 * PAGE))
    left.plot(curve.false_positive, curve.true_positive, color="#004488")
    left.plot([0, 1], [0, 1], ":", color="grey")
    left.set(xlabel="controls taken for collisions", ylabel="injected collisions found")
    left.text(0.95, 0.05, f"AUC {curve.auc:.3f}", ha="right", transform=left.transAxes)
    edges = np.linspace(-8, 10, 37)
    looks = {
        "injections": (odds, "#004488", "-"),
        "tidal disruptions": (values(groups["tidal disruptions"]), "#BB5566", "--"),
        "supernovae": (values(groups["supernovae"]), "#997700", ":"),
    }
    for name, (x, colour, line) in looks.items():
        weights = np.full(len(x), 1.0 / len(x))
        style = {"histtype": "step", "color": colour, "linestyle": line}
        right.hist(np.clip(squash(x), -8, 10), edges, weights=weights, label=name, **style)
    right.set(xlabel="sign(x) ln(1 + |x|), x = ln(odds of a collision)", ylabel="share")
    right.legend()
    save(figure, run)


def values(matches: list[Match]) -> Array:
    return np.array([m.log_bayes for m in matches])


if __name__ == "__main__":
    start(body, __file__)
