"""One run of one script: quick or full, where its data is, and where its results go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INTERRUPTED, WRONG = 130, 2


@dataclass(frozen=True)
class Run:
    """How a script was called.

    Attributes:
        name: of the script.
        quick: a small share of rows, searches and epochs: everything runs, no figure counts.
        data: folder of the SPH grid; the library's own search where None.
        out: results of every topic.
        jobs: processes of a search; -1 is one a core.
        rows: "validation" or "test": which rows of the SPH grid judge a model.
        seeds: networks of each kind; the paper has ten.
        finished: judge the networks that are finished, and train no more.
        topic: the folder of scripts that this one lies in.
    """

    name: str
    quick: bool = True
    data: Path | None = None
    out: Path = Path("results")
    jobs: int = -1
    rows: str = "validation"
    seeds: int = 10
    finished: bool = False
    topic: str = "collisions"

    @property
    def folder(self) -> Path:
        """Where numbers and pictures go."""
        return self.out / self.topic / ("quick" if self.quick else "full")

    @property
    def fits(self) -> Path:
        """Where finished fits are kept."""
        return self.folder / "fits"


def start(body: Callable[[Run], None], file: str, arguments: list[str] | None = None) -> None:
    """Run a script's body with the options of the command line.

    Exit code: 0 done, 2 wrong input, 130 interrupted by Ctrl-C.

    Args:
        body: what the script does.
        file: the script's `__file__`.
        arguments: of the command line, where not this process's.
    """
    run = parse(body, file, arguments)
    # Needs matplotlib, which nothing but drawing does.
    from surrogate.reports.style import styled

    try:
        with styled():
            body(run)
    except KeyboardInterrupt:
        print(
            f"{run.name}: interrupted. What is finished is kept in {run.folder}; "
            "the same command goes on from there.",
            file=sys.stderr,
        )
        sys.exit(INTERRUPTED)
    except (ValueError, OSError) as error:
        print(f"{run.name}: {error}", file=sys.stderr)
        sys.exit(WRONG)


def parse(body: Callable[[Run], None], file: str, arguments: list[str] | None = None) -> Run:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog=Path(file).name,
        description=sys.modules[body.__module__].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", default=True, help="minutes (default)")
    size.add_argument("--full", dest="quick", action="store_false", help="the real thing")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the SPH grid")
    parser.add_argument("--out", type=Path, default=Path("results"), metavar="DIR")
    parser.add_argument("--jobs", type=int, default=-1, metavar="N", help="-1: one a core")
    parser.add_argument("--rows", choices=("validation", "test"), default="validation")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="networks of each kind")
    parser.add_argument("--finished", action="store_true", help="train no more networks")
    path = Path(file).resolve()
    return Run(name=path.stem, topic=path.parent.name, **vars(parser.parse_args(arguments)))
