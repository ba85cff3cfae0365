"""Page: all tables and pictures beside the paper's values, as one page of the guide.

Needs: the results of the other experiments; those that are missing are named on the page.

A full run writes docs/paper.md and its pictures where the scripts lie in a clone; any other run
writes the page beside its results. Where an experiment was not run in full, the page shows its
quick run, and says so.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from surrogate.cli.experiments import Experiment, find_experiments
from surrogate.learning.files import write_text
from surrogate.reports.report import show
from surrogate.reports.run import Run, start

SCRIPTS = Path(__file__).parent
DOCS = SCRIPTS.parents[1] / "docs"
PICTURES = "paper"

HEAD = """# The collision paper, table by table and figure by figure

González Prieto et al. (2026), *Machine Learning Methods for Stellar Collisions. I*, train on 70 %
of the SPH grid and report on 15 % that is not public. All figures here are measured on the {rows}
rows of the same split, which also choose epochs and settings, so expect a little less on new ones.
The scripts in `experiments/collisions/` measured them and wrote this page:

```bash
surrogate experiments run all --full   # hours; goes on where it was interrupted
surrogate experiments run table_2      # a quick run, to see that it works
```
"""

NOT_FULL = "**Not run in full yet: what follows is a quick run, which only shows that it works.**\n"


def body(run: Run) -> None:
    folder = DOCS if not run.quick and DOCS.is_dir() else run.folder
    experiments = [e for e in find_experiments(SCRIPTS) if e.path != Path(__file__)]
    sections = [HEAD.format(rows=run.rows)]
    for experiment in experiments:
        sections += section(experiment, run, folder)
    write_text(folder / "paper.md", "\n".join(sections))
    Console().print(f"{len(experiments)} experiments on {folder / 'paper.md'}")


def section(experiment: Experiment, run: Run, folder: Path) -> Iterator[str]:
    """Lines of one experiment: its title, what its text says, its table, its pictures."""
    yield f"## {experiment.title.rstrip('.')}\n"
    yield from text(experiment)
    for results in (run.folder, replace(run, quick=True).folder):
        found = results / f"{experiment.name}.json"
        if found.exists():
            shown = json.loads(found.read_text())
            if shown["quick"] and not run.quick:
                yield NOT_FULL
            yield from pictures(experiment, results, folder)
            yield from table(shown)
            return
    yield f"Not run yet: `surrogate experiments run {experiment.name} --full`.\n"


def pictures(experiment: Experiment, results: Path, folder: Path) -> Iterator[str]:
    """Copy the pictures beside the page, and show them."""
    name = experiment.name  # figure_1 is not figure_10
    for picture in [*results.glob(f"{name}.png"), *sorted(results.glob(f"{name}_*.png"))]:
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, folder / PICTURES / picture.name)
        yield f"![{experiment.title}]({PICTURES}/{picture.name})\n"


def text(experiment: Experiment) -> Iterator[str]:
    """Paragraphs of the script's docstring, without its title and its needs."""
    docstring = ast.get_docstring(ast.parse(experiment.path.read_text())) or ""
    for paragraph in re.split(r"\n\s*\n", docstring)[1:]:
        if not paragraph.startswith(("Needs:", " ")):
            yield f"{paragraph}\n"


def table(found: dict[str, Any]) -> Iterator[str]:
    """A table in Markdown, and its notes."""
    yield "| " + " | ".join(map(_cell, found["columns"])) + " |"
    yield "|" + "---|" * len(found["columns"])
    for row in found["table"]:
        yield "| " + " | ".join(map(_cell, row)) + " |"
    yield ""
    for note in found["notes"]:
        yield f"{note}\n"


def _cell(value: str | float | None) -> str:
    return show(value).replace("|", "\\|")


if __name__ == "__main__":
    start(body, __file__)
