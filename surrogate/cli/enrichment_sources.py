"""What the commands of `surrogate enrichment` work on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from surrogate.cli.bars import bar
from surrogate.cli.problems import say_problems

if TYPE_CHECKING:
    from surrogate.enrichment.bank.conditions import Condition
    from surrogate.enrichment.classifiers.label import StarLabel
    from surrogate.enrichment.classifiers.models import Models
    from surrogate.enrichment.patterns import Patterns
    from surrogate.enrichment.stars import Stars
    from surrogate.learning.problems import Problem

CHUNK = 64
"""Stars that are labelled together."""


def read_conditions(files: list[Path], sets: list[str]) -> tuple[list[Condition], list[Problem]]:
    """Conditions of tables, trajectories and the library's own sets; all sets without a file."""
    from surrogate.enrichment.bank import condition_tables
    from surrogate.enrichment.bank.conditions import SETS

    conditions: list[Condition] = []
    problems: list[Problem] = []
    for name in sets or ([] if files else SETS):
        conditions += SETS[name]()
    for file in files:
        if file.suffix.lower() in {".csv", ".tsv"}:
            table = condition_tables.read_conditions(file)
            conditions += table.conditions
            problems += table.problems
        elif not file.is_file():
            raise FileNotFoundError(f"{file}: no such file")
        else:
            conditions.append(condition_tables.trajectory(file))
    if not conditions:
        say_problems(problems)
        raise ValueError(f"{', '.join(map(str, files))}: no condition that can be run")
    return conditions, problems


def training_patterns(
    tables: list[Path], data: Path | None, published: bool
) -> tuple[list[Patterns], list[Problem]]:
    """Patterns to learn: of tables, or the shipped ones, and published ones."""
    from surrogate.enrichment.classifiers.sets import published_sets

    parts, problems = _read_tables(tables)
    return [*parts, *published_sets(data, r_process=published)], problems


def _read_tables(tables: list[Path]) -> tuple[list[Patterns], list[Problem]]:
    from surrogate.enrichment.bank import shipped_patterns
    from surrogate.enrichment.bank.table import read_patterns

    if not tables:
        return [shipped_patterns()], []
    read = [read_patterns(table) for table in tables]
    return [one.patterns for one in read], [p for one in read for p in one.problems]


def drawn_patterns(tables: list[Path], data: Path | None) -> Patterns | None:
    """Patterns to draw, where those of r and of s are on this computer."""
    from surrogate.enrichment.classifiers.sets import published_sets
    from surrogate.enrichment.classifiers.training import prepare_patterns

    try:
        published = published_sets(data)
    except FileNotFoundError:
        if data is not None:
            raise
        return None
    return prepare_patterns([*_read_tables(tables)[0], *published])


def read_stars(files: list[Path], solar: str) -> tuple[Stars, list[Problem]]:
    """Stars of tables and of JINAbase's folder."""
    from surrogate.enrichment.jinabase import read_jinabase
    from surrogate.enrichment.stars import join
    from surrogate.enrichment.tables import read_stars as read_table

    readings = [
        read_jinabase(file, solar=solar) if file.is_dir() else read_table(file, solar=solar)
        for file in files
    ]
    problems = [problem for reading in readings for problem in reading.problems]
    stars = join([reading.stars for reading in readings])
    if not len(stars):
        say_problems(problems)
        raise ValueError(f"{', '.join(map(str, files))}: no star that can be used")
    return stars, problems


def label(stars: Stars, models: Models, error: float) -> Iterator[StarLabel]:
    """Label stars, some at a time, with a bar."""
    import numpy as np

    from surrogate.enrichment.classifiers.label import label_stars

    with bar("stars") as update:
        for first in range(0, len(stars), CHUNK):
            rows = np.arange(first, min(first + CHUNK, len(stars)))
            yield from label_stars(stars.take(rows), models, error=error)
            update(int(rows[-1]) + 1, len(stars))


def load_models(path: Path | None) -> Models:
    """Classifiers of a folder, or the shipped ones."""
    from surrogate.enrichment.classifiers import store
    from surrogate.enrichment.classifiers.shipped import load_shipped

    return store.load_models(path) if path else load_shipped()
