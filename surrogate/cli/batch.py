"""Predict a file of encounters, chunk by chunk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING

import jax
import numpy as np

from surrogate.cli.fields import explain_lost
from surrogate.cli.messages import SOME_ROWS_BAD, say
from surrogate.cli.output import COLUMNS, Output, format_rows
from surrogate.cli.rows import CHUNK, BadRow, Chunk, Header, drop, read_chunks, read_header
from surrogate.collisions.encounter import Encounter

if TYPE_CHECKING:
    from surrogate.collisions.encounter import Outcome
    from surrogate.collisions.predictor import CollisionModel

SHOWN = 20
"""How many bad rows are spelled out; the others are counted."""


class Report:
    """Bad rows: the first ones for the terminal, all of them for a file."""

    def __init__(self, file: Output | None, header: Header) -> None:
        self.count = 0
        self._first: list[BadRow] = []
        self._file = file
        if file is not None:
            file.write("line,reason," + header.text + "\n")

    def add(self, rows: list[BadRow]) -> None:
        """Take note of bad rows."""
        self.count += len(rows)
        self._first += rows[: SHOWN - len(self._first)]
        if self._file is not None:
            for row in rows:
                quoted = row.reason.replace('"', '""')
                self._file.write(f'{row.line},"{quoted}",{row.text}\n', rows=1)

    def print(self, total: int) -> None:
        """Say which rows have no answer."""
        if not self.count:
            return
        say(f"surrogate: {self.count:,} of {total:,} rows have no answer:")
        for row in self._first:
            say(f"  line {row.line}: {row.reason}")
        if self.count > len(self._first):
            hint = "" if self._file is not None else "; --bad FILE.csv lists all"
            say(f"  ... and {self.count - len(self._first):,} more{hint}")


def predict_file(
    source: str,
    out: Path | None,
    bad: Path | None,
    load: Callable[[], CollisionModel],
    *,
    smooth: bool,
) -> int:
    """Predict every row of a file; return the exit code.

    Args:
        source: the csv file, "-" for standard input.
        out: where the predictions go, None for standard output.
        bad: where bad rows go, each with its line and the reason.
        load: makes the model; called once the file is known to hold rows.
        smooth: ask for expected masses.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_open(source))
        name = "standard input" if source == "-" else source
        try:
            header = read_header(file)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        chunks = _not_empty(read_chunks(file, header), name)
        if header.ignored:
            say(f"surrogate: ignored columns: {', '.join(header.ignored)}")
        refuse = stack.enter_context(Output(bad, "bad rows")) if bad is not None else None
        report = Report(refuse, header)
        total = 0
        output = stack.enter_context(Output(out))
        try:
            output.write(",".join((*header.fields, *COLUMNS)) + "\n")
            with _progress(file, source) as update:
                for chunk, outcome in _predictions(load(), chunks, smooth):
                    if outcome is not None:
                        output.write(format_rows(chunk.echo, outcome), rows=len(chunk.echo))
                    report.add(chunk.bad)
                    total += chunk.read
                    update(total)
        finally:
            report.print(total)
    return SOME_ROWS_BAD if report.count else 0


def _open(source: str) -> IO[str]:
    # A byte-order mark is skipped; bytes that are no text end in bad cells, not in an exception.
    if source == "-":
        return TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    if Path(source).is_dir():
        raise IsADirectoryError(f"{source} is a folder; give a csv file")
    return open(source, encoding="utf-8-sig", errors="replace")


def _not_empty(chunks: Iterator[Chunk], name: str) -> Iterator[Chunk]:
    """The same chunks; raises at once where there are none."""
    first = next(chunks, None)
    if first is None:
        raise ValueError(f"{name}: there are no rows below the header")

    def all_chunks() -> Iterator[Chunk]:
        yield first
        yield from chunks

    return all_chunks()


def _predictions(
    model: CollisionModel, chunks: Iterator[Chunk], smooth: bool
) -> Iterator[tuple[Chunk, Outcome | None]]:
    """Each chunk and its outcome; the next chunk is computed while the last is written."""
    waiting = None
    size = 0
    for chunk in chunks:
        # A file of one chunk is compiled for its own size, a longer one for full chunks.
        size = CHUNK if size or chunk.read >= CHUNK else max(len(chunk.lines), 1)
        outcome = _predict(model, chunk, size, smooth) if chunk.lines else None
        if waiting is not None:
            yield _computed(*waiting)
        waiting = chunk, outcome
    if waiting is not None:
        yield _computed(*waiting)


def _predict(model: CollisionModel, chunk: Chunk, size: int, smooth: bool) -> Outcome:
    fill = size - len(chunk.lines)
    columns = {k: np.pad(v, (0, fill), mode="edge") for k, v in chunk.values.items()}
    return model(Encounter(**columns), smooth=smooth, check=False)


def _computed(chunk: Chunk, outcome: Outcome | None) -> tuple[Chunk, Outcome | None]:
    """Wait for an outcome and cut off what filled it up."""
    if outcome is None:
        return chunk, None
    n = len(chunk.lines)
    arrays = jax.tree.map(lambda field: field[:n], jax.device_get(outcome))
    lost = np.flatnonzero(arrays.regime < 0)
    if len(lost):  # such as a radius of 1e-50
        kept = arrays.regime >= 0
        arrays = jax.tree.map(lambda field: field[kept], arrays)
        rows = {i: {name: column[i] for name, column in chunk.values.items()} for i in lost}
        chunk = drop(chunk, {int(i): explain_lost(row) for i, row in rows.items()})
    return chunk, arrays


@contextmanager
def _progress(file: IO[str], source: str) -> Iterator[Callable[[int], None]]:
    """Show how far a file has been read, if anybody is looking; yields what to tell it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    buffer = getattr(file, "buffer", None)
    size = os.path.getsize(source) if source != "-" and os.path.isfile(source) else None
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("compiling", total=size)

        def update(rows: int) -> None:
            done = buffer.tell() if size and buffer is not None else rows
            progress.update(bar, completed=done, description=f"{rows:,} rows")

        yield update
