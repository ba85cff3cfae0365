"""What a report rests on, and what it is not."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

import jax
import numpy as np

import surrogate
from surrogate.enrichment.classifiers.training import PROCESSES
from surrogate.reports.words import listed, number

if TYPE_CHECKING:
    from surrogate.enrichment.classifiers.models import Models

CAVEATS: Final = (
    "The paper's r-process tracers and its network are not public. What these classifiers were "
    "trained on is listed below; these are not the paper's tracers: beside its table 1, what is "
    "said here is a comparison, no reproduction.",
    "A network answers r or s for every pattern, however unlike its simulations. Typicality and "
    "the one-class boundaries tell whether a star is like any of them.",
    "Networks take abundances as exact. Probabilities, shares and what to measure next take errors "
    "and missing elements into account; an abundance without an error is given {error:g} dex.",
    "Probabilities hold for processes that are equally common among the stars, and for the "
    "simulations that there are: what no simulation makes has no probability.",
    "Upper limits are known, but no answer is made of them.",
    "Simulations give one event each. A star may have the elements of several; of these, only "
    "mixtures of one r and one s pattern are considered.",
)


def caveats(error: float) -> str:
    """What speaks against trusting labels, as a list in HTML.

    Args:
        error: of abundances without one [dex].
    """
    items = (f"<li>{escape(text.format(error=error))}</li>" for text in CAVEATS)
    return f"<ul>{''.join(items)}</ul>"


def making(models: Models) -> str:
    """The training and the versions, as a list in HTML."""
    card, model = models.card, models.generative
    scatter = [
        f"{number(float(model.scatter[PROCESSES.index(p)]), 2)} ({p})" for p in model.processes
    ]
    facts = {
        "simulations": _sources(card.get("patterns", {})),
        "of these, for binary networks": _sources(card.get("binary_patterns", {})),
        "networks": f"{models.seeds} of each kind; epochs: {_known(card, 'epochs')} (binary), "
        f"{_known(card, 'one_class_epochs')} (one-class)",
        "probabilities": f"scatter of the simulations {listed(scatter)} dex; log-likelihoods are "
        f"divided by {model.temperature:.3g}",
        "trained with": _versions(card.get("versions", {})),
        "written with": f"stellar-surrogate {surrogate.__version__}, JAX {jax.__version__}, NumPy "
        f"{np.__version__}, Python {platform.python_version()}",
    }
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    return f"<dl>{''.join(rows)}</dl>"


def _sources(counts: Mapping[str, Mapping[str, int]]) -> str:
    said = []
    for process, sources in counts.items():
        each = listed([f"{name} ({n:,})" for name, n in sources.items()])
        said.append(f"{sum(sources.values()):,} of {process}: {each}")
    return "; ".join(said) or "not known"


def _known(card: Mapping[str, Any], key: str) -> str:
    value = card.get(key)
    return f"{value:,}" if isinstance(value, int) else "not known"


def _versions(versions: Mapping[str, str]) -> str:
    return listed([f"{name} {version}" for name, version in versions.items()]) or "not known"
