"""`surrogate predict`: what is left of the encounters of a file, or of one encounter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surrogate.cli.choices import CheckpointsOption, Model, ModelOption
from surrogate.cli.fields import explain_partners, find_missing

if TYPE_CHECKING:
    from surrogate.collisions.predictor import CollisionModel

Number = float | None


def predict(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="IN.csv",
            help="Encounters: columns age, m1, m2, rp, vinf and, optionally, r1, r2, age2 and "
            "rh1, rh2, in any order. '-' reads standard input.",
        ),
    ] = None,
    out: Annotated[
        str,
        typer.Option("--out", "-o", metavar="OUT.csv", help="Where the rows go; '-' is stdout."),
    ] = "-",
    bad: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write every row without an answer, and why."),
    ] = None,
    model: ModelOption = Model.ENSEMBLE,
    checkpoints: CheckpointsOption = None,
    smooth: Annotated[
        bool,
        typer.Option("--smooth", help="Expected masses, differentiable across fates and regimes."),
    ] = False,
    age: Annotated[Number, typer.Option(help="Age of both stars, 0 to 15 Gyr.")] = None,
    age2: Annotated[Number, typer.Option(help="Age of star 2, where it differs.")] = None,
    m1: Annotated[Number, typer.Option(help="Mass of star 1, 0.1 to 100 Msun.")] = None,
    m2: Annotated[Number, typer.Option(help="Mass of star 2; either may be the heavier.")] = None,
    rp: Annotated[Number, typer.Option(help="Pericentre of the two-body orbit, Rsun.")] = None,
    vinf: Annotated[Number, typer.Option(help="Velocity at infinity, km/s.")] = None,
    r1: Annotated[
        Number, typer.Option(help="Radius of star 1, Rsun; from the structure model if left out.")
    ] = None,
    r2: Annotated[Number, typer.Option(help="Radius of star 2, Rsun; give both or none.")] = None,
    rh1: Annotated[
        Number, typer.Option(help="Half-mass radius of star 1, Rsun, beside --r1 and --r2.")
    ] = None,
    rh2: Annotated[
        Number, typer.Option(help="Half-mass radius of star 2, Rsun; give both or none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one encounter as JSON.")] = False,
) -> None:
    """Predict what is left when two main-sequence stars meet.

    A file: `surrogate predict IN.csv -o OUT.csv`. Every good row is answered, in order: age, m1,
    m2, rp, vinf (r1, r2, age2, rh1, rh2) as they were written, then regime, fate (0 none survives,
    1 merger, 2 two survive, 3 one stripped star), p_none, p_merger, p_two, p_stripped, m1_final,
    m2_final, m_unbound in Msun, and in_domain (1 where the answer is within what was simulated).
    Rows that cannot be answered are reported by line on standard error.

    Behind them: p_survivor1 and p_survivor2 (only star 1, or only star 2, survives, stripped; they
    add up to p_stripped); m1_low68, m1_high68, m1_low95, m1_high95 and the same of m2 and unbound
    (intervals that hold the final mass with 68 and 95 % probability; nan from a model that does
    not say how sure it is); and ood (distance from what was simulated; out of domain above 1).

    One encounter: `surrogate predict --age 1 --m1 1 --m2 0.8 --rp 0.5 --vinf 100`

    Exit code: 0 all rows answered, 1 some rows were bad, 2 wrong input, 130 interrupted by
    Ctrl-C (the rows predicted so far are kept in OUT.csv.part).
    """
    values = {"age": age, "m1": m1, "m2": m2, "rp": rp, "vinf": vinf}
    values |= {"r1": r1, "r2": r2, "age2": age2, "rh1": rh1, "rh2": rh2}
    given = {name: value for name, value in values.items() if value is not None}

    def load() -> CollisionModel:
        from surrogate.collisions import predictor

        return predictor.load(model.value, path=checkpoints)

    if source is None:
        _check_options(given, out, bad)
        from surrogate.cli.single import predict_one

        predict_one(given, load, smooth=smooth, as_json=as_json)
        return
    if given or as_json:
        extra = ", ".join(f"--{name}" for name in (*given, *(["json"] if as_json else [])))
        raise ValueError(f"{extra} belongs to one encounter: give either {source} or options")
    target = None if out == "-" else Path(out)
    _check_files(source, target, bad)
    from surrogate.cli.batch import predict_file

    raise typer.Exit(predict_file(source, target, bad, load, smooth=smooth))


def _check_options(given: dict[str, float], out: str, bad: Path | None) -> None:
    if not given:
        raise ValueError("give a file IN.csv, or an encounter: --age --m1 --m2 --rp --vinf")
    if missing := find_missing(given):
        options = ", ".join(f"--{name}" for name in missing)
        text = f"missing for one encounter: {options} (and no file IN.csv was given)"
        rule = explain_partners(missing)
        raise ValueError(f"{text}. {rule}" if rule else text)
    if out != "-" or bad is not None:
        raise ValueError("-o and --bad belong to a file IN.csv; one encounter goes to stdout")


def _check_files(source: str, out: Path | None, bad: Path | None) -> None:
    named = {"IN": Path(source) if source != "-" else None, "-o": out, "--bad": bad}
    seen: dict[str, str] = {}
    for option, path in named.items():
        if path is None or (path.exists() and not path.is_file()):
            continue
        real = os.path.realpath(path)
        if real in seen:
            raise ValueError(f"{seen[real]} and {option} name the same file, {path}")
        seen[real] = option
