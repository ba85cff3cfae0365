"""`surrogate experiments`: the scripts that reproduce papers and show the library in use."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from surrogate.cli.messages import INTERRUPTED, say
from surrogate.hints import did_you_mean

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(no_args_is_help=True, help="Reproduce the paper, and what is built on it.")

EVERY = "all"
PACKAGES = ("matplotlib", "optuna", "numpyro", "blackjax", "emcee", "corner")
"""What the experiments need beside the package's own dependencies."""
SOME_FAILED = 1
"""Exit code: an experiment failed; the others were run."""
STOPPED = (INTERRUPTED, -2)
"""Exit codes of a script that was interrupted: by its own account, or as the system tells."""


class Rows(StrEnum):
    """Rows of the grid that judge a model."""

    VALIDATION = "validation"
    TEST = "test"


class State(StrEnum):
    """What may become of an experiment."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not run"


COLOURS = {State.DONE: "green", State.FAILED: "red", State.INTERRUPTED: "yellow"}


class Experiment(NamedTuple):
    """A script that reproduces a table or a figure."""

    path: Path
    title: str
    """First line of its docstring."""
    needs: str
    """What stands behind `Needs:` there."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        return self.path.stem

    @property
    def topic(self) -> str:
        """The folder that it lies in; stands on the command line for all of them."""
        return self.path.parent.name


class Result(NamedTuple):
    """What became of an experiment."""

    state: State = State.NOT_RUN
    seconds: float | None = None


def scripts_folder() -> Path:
    """Folder of the topics: inside an installed package, beside it in a clone."""
    package = Path(__file__).parents[1]
    installed = package / "experiments"
    return installed if installed.is_dir() else package.parent / "experiments"


def find_experiments(folder: Path) -> list[Experiment]:
    """The scripts of all topics whose docstring has a `Needs:` line; none of them is imported.

    Args:
        folder: holds TOPIC/NAME.py, or those of one topic.

    Returns:
        Topic by topic: tables, figures, all others, and last the page that shows them; each by
        number and name.

    Raises:
        ValueError: a script is no Python, or none is an experiment.
    """
    read = (_read(path) for path in [*folder.glob("*.py"), *folder.glob("*/*.py")])
    found = [experiment for experiment in read if experiment is not None]
    if not found:
        raise ValueError(f"{folder} holds no experiments; install the package again")
    return sorted(found, key=lambda experiment: (experiment.topic, *_place(experiment.name)))


def _read(path: Path) -> Experiment | None:
    try:
        text = ast.get_docstring(ast.parse(path.read_bytes(), str(path)))
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{path} is no Python script: {error}") from error
    # Lines that belong to it are indented.
    needs = re.search(r"^Needs:(.*(?:\n[ \t]+\S.*)*)", text or "", re.MULTILINE)
    if text is None or needs is None:
        return None
    return Experiment(path, text.partition("\n")[0], " ".join(needs[1].split()))


def _place(name: str) -> tuple[int, list[str | int]]:
    """Sorts names: by kind, then with numbers by their value."""
    groups = {"table": 0, "figure": 1, "page": 3}
    parts = re.split(r"(\d+)", name)
    return groups.get(name.partition("_")[0], 2), [int(p) if p.isdecimal() else p for p in parts]


def choose(experiments: list[Experiment], names: list[str]) -> list[Experiment]:
    """Those that are asked for, in their own order.

    Args:
        experiments: all there are.
        names: of experiments, or of topics; "all" stands for every one.

    Raises:
        ValueError: a name is unknown; gives those that are most like it, and all.
    """
    topics = dict.fromkeys(experiment.topic for experiment in experiments)
    known = [*(experiment.name for experiment in experiments), *topics]
    for name in names:
        if name not in (EVERY, *known):
            allowed = [*known, EVERY]
            hint = f"{did_you_mean(name, allowed, 3)} allowed are {', '.join(allowed)}".strip()
            raise ValueError(f"experiment = {name!r}: {hint}")
    return [e for e in experiments if {EVERY, e.name, e.topic} & {*names}]


@app.command("list")
def list_experiments() -> None:
    """List the experiments, and what each of them needs."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    table.add_column("name", no_wrap=True)
    table.add_column("topic", no_wrap=True)
    table.add_column("title")
    table.add_column("needs")
    for experiment in find_experiments(scripts_folder()):
        cells = (experiment.name, experiment.topic, experiment.title, experiment.needs)
        table.add_row(*map(escape, cells))
    Console().print(table)


@app.command("run")
def run(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME", help="Experiments or topics of `surrogate experiments list`, or all."
        ),
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small share of the work: minutes; the default.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="As in the paper: hours.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the grid; see `surrogate data where`."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", file_okay=False, help="Where results go."),
    ] = Path("results"),
    jobs: Annotated[
        int, typer.Option(metavar="N", help="Processes of a search; -1 is one a core.")
    ] = -1,
    rows: Annotated[Rows, typer.Option(help="Rows that judge the models.")] = Rows.VALIDATION,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Networks of each kind; the paper has ten.")
    ] = 10,
    finished: Annotated[
        bool, typer.Option("--finished", help="Judge the networks that there are, train no more.")
    ] = False,
) -> None:
    """Run experiments one after the other.

    Tables come before figures. One that fails does not stop the others. A run that was interrupted
    goes on where it was when the same command is given again.

    Exit code: 0 done, 1 an experiment failed, 2 wrong input, 130 interrupted by Ctrl-C.
    """
    if quick and full:
        raise ValueError("--quick and --full: give one of them")
    if jobs < 1 and jobs != -1:
        raise ValueError(f"--jobs = {jobs}, allowed: -1 (one a core), or 1 and more")
    chosen = choose(find_experiments(scripts_folder()), names)
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        raise ValueError(
            f"experiments need {' and '.join(missing)}, not installed here: "
            "pip install 'stellar-surrogate[experiments]'"
        )
    options = ["--full" if full else "--quick"]
    if data is not None:
        options += ["--data", str(_folder(data))]
    options += ["--out", str(out), "--jobs", str(jobs), "--rows", rows.value]
    options += ["--seeds", str(seeds), *(["--finished"] if finished else [])]
    raise typer.Exit(_run_all(chosen, options))


def _folder(data: Path) -> Path:
    """The folder that holds the public files.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    from surrogate.collisions.download import PUBLIC_FILES, find_data

    if data.is_file():
        raise ValueError(f"--data = {data} is a file, allowed: a folder with {[*PUBLIC_FILES]}")
    grid, *_ = (find_data(name, data) for name in PUBLIC_FILES)
    return grid.parent


def _run_all(experiments: list[Experiment], options: list[str]) -> int:
    """Run scripts in turn, show what became of each, and return the exit code."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    results: dict[Experiment, Result] = {}
    interrupted = False
    for experiment in experiments:
        console.rule(escape(f"{experiment.name}: {experiment.title}"))
        begun = time.monotonic()
        code, interrupted = _run(experiment, options)
        state = _state(code, interrupted)
        results[experiment] = Result(state, time.monotonic() - begun)
        if state is State.FAILED:
            say(f"surrogate: {experiment.name} failed with exit code {code}")
        interrupted |= state is State.INTERRUPTED
        if interrupted:
            break
    console.print(_summary({e: results.get(e, Result()) for e in experiments}))
    if interrupted:
        say("surrogate: interrupted. The same command goes on from there.")
        return INTERRUPTED
    failed = any(result.state is State.FAILED for result in results.values())
    return SOME_FAILED if failed else 0


def _run(experiment: Experiment, options: list[str]) -> tuple[int, bool]:
    """Run a script; return its exit code, and whether the user pressed Ctrl-C meanwhile.

    The terminal interrupts the script as well, so it is only waited for; at a second Ctrl-C it is
    killed.
    """
    child = subprocess.Popen([sys.executable, str(experiment.path), *options])
    try:  # around the first as well: the second may come before the user is told of it
        try:
            return child.wait(), False
        except KeyboardInterrupt:
            say(f"surrogate: waiting for {experiment.name} to stop; Ctrl-C again kills it")
            return child.wait(), True
    except KeyboardInterrupt:
        child.kill()
        return child.wait(), True


def _state(code: int, interrupted: bool) -> State:
    if code == 0:
        return State.DONE
    return State.INTERRUPTED if interrupted or code in STOPPED else State.FAILED


def _summary(results: dict[Experiment, Result]) -> Table:
    from rich.table import Table

    table = Table()
    table.add_column("name", no_wrap=True)
    table.add_column("state")
    table.add_column("seconds", justify="right")
    for experiment, (state, seconds) in results.items():
        shown = "" if seconds is None else f"{seconds:,.1f}"
        table.add_row(experiment.name, state.value, shown, style=COLOURS.get(state))
    return table
