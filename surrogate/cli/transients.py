"""`surrogate transients`: which observed flares look like a stellar collision near a black hole."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surrogate.cli.bars import bar, track
from surrogate.cli.problems import finish, say_problems
from surrogate.learning.files import refuse_existing

if TYPE_CHECKING:
    from surrogate.learning.problems import Problem
    from surrogate.transients.bank import Bank
    from surrogate.transients.flare import Physics
    from surrogate.transients.photometry import LightCurve
    from surrogate.transients.verdict import Matcher

app = typer.Typer(
    no_args_is_help=True, help="Find flares that look like a collision near a black hole."
)

THRESHOLD = 0.9
"""Score from which the report counts an object among the candidates."""


class Mode(StrEnum):
    """How light curves are matched."""

    EXACT = "exact"
    PAPER = "paper"
    POSTERIOR = "posterior"


Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="Light curves: csv, tables of the ZTF forced-photometry service, alerts or Lasair "
        "objects as json; or folders of them.",
    ),
]
BankOption = Annotated[
    Path | None,
    typer.Option("--bank", help="A bank; the paper's is simulated where left out: seconds."),
]
FactsOption = Annotated[
    Path | None,
    typer.Option("--facts", help="Table with name, z and ebv of the objects."),
]
RedshiftOption = Annotated[
    float | None,
    typer.Option("--z", min=1e-3, max=5.0, help="Redshift of objects that have none; else 0.1."),
]
ErrorOption = Annotated[
    float,
    typer.Option(
        "--model-error", min=0.0, max=1.0, help="Error of any model, over the brightest night."
    ),
]


@app.command("bank")
def bank(
    out: Annotated[Path, typer.Option("-o", "--out", help="The HDF5 file to write.")],
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="Denser where light curves change.")
    ] = False,
    tolerance: Annotated[
        float, typer.Option(min=1e-3, max=0.9, help="Mismatch of neighbours in --adaptive.")
    ] = 0.03,
    particles: Annotated[int, typer.Option(min=10, max=100_000, help="On each ring.")] = 1000,
    alpha: Annotated[float, typer.Option(min=1e-4, max=1.0, help="Viscosity of the disc.")] = 0.1,
    aspect: Annotated[float, typer.Option(min=1e-3, max=1.0, help="Its height over radius.")] = 0.3,
    smoothing: Annotated[
        float, typer.Option(min=0.01, max=0.5, help="Spread of accretion times [dex].")
    ] = 0.05,
    seed: Annotated[
        int | None, typer.Option(help="Draw the stars' speeds; the mean speeds where left out.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Simulate a bank of flares: the paper's 18,432, or a denser one."""
    if out.suffix.lower() not in {".h5", ".hdf5"}:
        raise ValueError(f"{out}: the name must end in .h5 or .hdf5")
    refuse_existing(out, force)
    if adaptive and seed is not None:
        raise ValueError("--adaptive has the mean speeds; leave out --seed")
    from surrogate.transients.flare import Physics

    physics = Physics(particles=particles, alpha=alpha, aspect=aspect, smoothing=smoothing)
    made = _simulate(physics, seed=seed, tolerance=tolerance if adaptive else None)
    made.save(out)
    typer.echo(
        f"{out}: {len(made):,} simulations, {int(made.dark.sum()):,} dark, "
        f"{int(made.duplicate.sum()):,} duplicates, {len(made.light):,} light curves"
    )


@app.command("match")
def match(
    files: Inputs,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The csv file; standard output if left out.")
    ] = None,
    bank: BankOption = None,
    facts: FactsOption = None,
    z: RedshiftOption = None,
    model_error: ErrorOption = 0.1,
    mode: Annotated[
        Mode,
        typer.Option(
            help="exact: all flares at all starts; paper: nearest neighbours; posterior: sampled, "
            "minutes an object."
        ),
    ] = Mode.EXACT,
) -> None:
    """Match light curves with the bank: one line an object.

    Objects and rows that cannot be used are named on standard error; the others are matched. The
    exit status is then 1.
    """
    from surrogate.cli.output import Output
    from surrogate.cli.transients_rows import WRITERS

    curves, problems = _read(files, facts, z)
    with Output(out, "matched objects") as output:
        header, answer = WRITERS[mode.value](_load(bank), model_error)
        output.write(header + "\n")
        for answered in track((answer(curve) for curve in curves), "objects", len(curves)):
            if isinstance(answered, str):
                output.write(answered + "\n", rows=1)
            else:
                problems.append(answered)
    _finish(problems)


@app.command("report")
def report(
    files: Inputs,
    out: Annotated[Path, typer.Option("-o", "--out", help="The html file to write.")],
    bank: BankOption = None,
    facts: FactsOption = None,
    z: RedshiftOption = None,
    model_error: ErrorOption = 0.1,
    labels: Annotated[
        Path | None,
        typer.Option(help="Spectroscopic types and redshifts: a table with NAME, LABEL, Z."),
    ] = None,
    hosts: Annotated[
        Path | None, typer.Option(help="Magnitudes of hosts: a table with name, g, r.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Candidates that are shown.")] = 50,
) -> None:
    """Write a page with pictures, parameters and a verdict on every candidate."""
    from surrogate.inference.optional import needs
    from surrogate.transients.known_events import shipped_receiver
    from surrogate.transients.labels import read_labels
    from surrogate.transients.readers import read_hosts
    from surrogate.transients.report import write_report
    from surrogate.transients.verdict import Match

    needs("matplotlib", "experiments")
    known = read_labels(labels) if labels else {}
    magnitudes = read_hosts(hosts) if hosts else {}
    curves, problems = _read(files, facts, z, {name: label.z for name, label in known.items()})
    matcher = _matcher(_load(bank), model_error)
    matches: list[Match] = []
    for answer in track(matcher.match_all(curves), "objects", len(curves)):
        if isinstance(answer, Match):
            matches.append(answer)
        else:
            problems.append(answer)
    write_report(
        matches,
        out,
        templates=matcher.templates,
        labels=known,
        hosts=magnitudes,
        problems=problems,
        receiver=shipped_receiver(),
        most=most,
        threshold=THRESHOLD,
    )
    typer.echo(f"{out}: {len(matches):,} objects")
    _finish(problems)


def _read(
    files: list[Path],
    facts: Path | None,
    z: float | None,
    spectroscopic: Mapping[str, float | None] | None = None,
) -> tuple[list[LightCurve], list[Problem]]:
    """Light curves of all files; redshifts of spectra, then `z`, where there is none."""
    from dataclasses import replace

    from surrogate.transients.readers import read, read_facts

    known = read_facts(facts) if facts else {}
    curves: list[LightCurve] = []
    problems: list[Problem] = []
    for file in files:
        reading = read(file, facts=known)
        curves += reading.light_curves
        problems += reading.problems
    if not curves:
        say_problems(problems)
        raise ValueError(f"{', '.join(map(str, files))}: no light curve that can be used")
    spectra = spectroscopic or {}
    return [
        c if c.redshift is not None else replace(c, redshift=spectra.get(c.name) or z)
        for c in curves
    ], problems


def _load(path: Path | None) -> Bank:
    from surrogate.transients.bank import Bank
    from surrogate.transients.flare import Physics

    return Bank.load(path) if path else _simulate(Physics())


def _matcher(bank: Bank, model_error: float) -> Matcher:
    from surrogate.transients.templates import BankTemplates
    from surrogate.transients.verdict import Matcher

    return Matcher(BankTemplates(bank), model_error=model_error)


def _simulate(physics: Physics, *, seed: int | None = None, tolerance: float | None = None) -> Bank:
    import jax

    from surrogate.transients.adaptive import adaptive_bank
    from surrogate.transients.bank import simulate_bank

    with bar("simulations") as update:
        if tolerance is not None:
            return adaptive_bank(tolerance, physics, report=update)
        key = None if seed is None else jax.random.key(seed)
        return simulate_bank(physics=physics, key=key, report=update)


def _finish(problems: list[Problem]) -> None:
    """Say what was wrong; the exit status tells whether anything was lost."""
    from surrogate.transients.photometry import NOTES

    lost = [p for p in problems if p.kind not in NOTES]
    notes = [p for p in problems if p.kind in NOTES]
    finish(lost, notes, "rows or objects were left out")
