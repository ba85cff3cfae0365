"""Simulations that are made up, and the published data where they are at hand."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.elements import atomic_number
from surrogate.enrichment.patterns import collect, concatenate
from surrogate.enrichment.stars import Stars

ELEMENTS = ("Ba", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Dy", "Er", "Pb", "Os", "Ir", "Pt")
R = (1.2, 0.1, 0.4, 0.0, 0.5, 0.3, 0.0, 0.7, 0.5, 0.8, 1.0, 1.0, 1.3)
S = (2.5, 1.5, 2.0, 1.0, 1.7, 0.9, 0.0, 1.0, 0.8, 2.8, 0.5, 0.0, 0.4)


def make(process, base, count, group, seed, scatter):
    random = np.random.default_rng(seed)
    tilt = random.normal(0.0, scatter, (count, 1)) * np.linspace(-1.0, 1.0, len(ELEMENTS))
    logs = np.array(base) + tilt + random.normal(0.0, 0.3 * scatter, (count, len(ELEMENTS)))
    rows = [
        (f"{group} {i}", {atomic_number(e): 10.0**v for e, v in zip(ELEMENTS, row, strict=True)})
        for i, row in enumerate(logs)
    ]
    return collect(rows, process=process, source=f"{group} et al.", group=group)


@pytest.fixture(scope="session")
def patterns():
    """40 of each process."""
    return concatenate(
        [
            make("r", R, 25, "Ada", 1, 0.3),
            make("r", np.array(R) + 0.1, 15, "Bo", 2, 0.3),
            make("s", S, 22, "Cy", 3, 0.1),
            make("s", np.array(S) + 0.02, 18, "Dee", 4, 0.1),
        ]
    )


@pytest.fixture(scope="session")
def training(patterns):
    return training_set(patterns)


@pytest.fixture
def star_of():
    """Makes stars of log abundances; None is not measured."""

    def make_stars(*rows, elements=ELEMENTS, error=np.nan):
        table = np.array(rows, float)
        return Stars(
            name=tuple(f"star {i}" for i in range(len(rows))),
            element=tuple(elements),
            log_eps=table,
            limit=np.full(table.shape, np.nan),
            error=np.full(table.shape, error),
            fe_h=np.full(len(rows), -2.5),
            reference=("",) * len(rows),
        )

    return make_stars


@pytest.fixture(scope="session")
def three_processes(patterns):
    """The same, and some between r and s that stand for the i-process."""
    between = 0.5 * (np.array(R) + np.array(S))
    return concatenate([patterns, make("i", between, 12, "Eve", 5, 0.1)])


@pytest.fixture(scope="session")
def two_seeds():
    """The shipped classifiers, of two seeds alone, as if they had learnt of others."""
    whole = load_shipped()

    def first(net, *fields):
        return replace(
            net, **{f: jax.tree.map(lambda a: a[:2], getattr(net, f)) for f in (*fields, "epoch")}
        )

    learnt = {"r": {"Ada et al.": 25, "Bo et al.": 15}}
    return replace(
        whole,
        card={**whole.card, "patterns": learnt},
        binary={k: first(net, "params", "threshold") for k, net in whole.binary.items()},
        one_class={k: first(net, "params", "boundary") for k, net in whole.one_class.items()},
    )


@pytest.fixture(scope="session")
def data(public_data) -> Path:
    """The folder with the published data; skips the test where it is not at hand."""
    return public_data("enrichment")
