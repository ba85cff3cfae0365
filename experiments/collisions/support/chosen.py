"""The best network of each kind, chosen on the validation rows as in the paper."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from support.measures import fate_measures, mass_errors, mass_measures
from support.networks import Fit, best, say_fates, say_fractions, trained
from support.recipes import NORM_FIRST
from support.rows import Data, Rows
from surrogate.collisions.scoring import model_scores
from surrogate.reports.run import Run


def best_classifier(run: Run, data: Data) -> Fit:
    """The classifier with the highest balanced accuracy (section 3.3)."""
    return best(trained(run, data, "classifier"), lambda fit: _balanced(fit, data.validation))


def best_regressor(run: Run, data: Data) -> Fit:
    """The regressor with the least median error of star 1 (section 4.3)."""

    def error(fit: Fit) -> float:
        return mass_measures(say_fractions(fit, data.validation), data.validation)[0]

    return best(trained(run, data, NORM_FIRST), lambda fit: -error(fit))


def best_mixture(run: Run, data: Data) -> Fit:
    """The mixture with the least score (appendix C)."""
    fits = trained(run, data, "mixture")
    balanced = jnp.array([_balanced(fit, data.validation) for fit in fits])
    errors = jnp.array([_median_errors(fit, data.validation) for fit in fits])
    return fits[int(model_scores(balanced, *errors.T).argmin())]


def _balanced(fit: Fit, rows: Rows) -> float:
    return fate_measures(say_fates(fit, rows), rows)[1] / 100


def _median_errors(fit: Fit, rows: Rows) -> np.ndarray:
    return np.median(mass_errors(say_fractions(fit, rows), rows), axis=1)
