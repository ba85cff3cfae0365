"""`surrogate enrichment`: which neutron-capture process made a star's heavy elements."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from surrogate.cli import enrichment_sources as sources
from surrogate.cli.bars import bar
from surrogate.cli.messages import resumes
from surrogate.cli.problems import finish
from surrogate.learning.files import part_of, refuse_existing

app = typer.Typer(
    no_args_is_help=True,
    help="Tell which neutron-capture process, r, s or i, made a star's heavy elements.",
)


class Set(StrEnum):
    """The library's own conditions (`surrogate.enrichment.bank.conditions.SETS`)."""

    DYNAMICAL = "dynamical"
    DISK = "disk"
    INTERMEDIATE = "intermediate"


class Solar(StrEnum):
    """Tables of the Sun (`surrogate.enrichment.solar`)."""

    ASPLUND2009 = "asplund2009"
    LODDERS2009 = "lodders2009"


Tables = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="Tables of abundances, a line a star; or the folder of JINAbase's files.",
    ),
]
ModelsOption = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="Classifiers of `train`; the shipped ones else."),
]
SolarOption = Annotated[
    Solar, typer.Option("--solar", help="Table that [X/Fe] and [Fe/H] were counted from.")
]
ErrorOption = Annotated[
    float, typer.Option("--error", min=0.01, max=2.0, help="Of abundances without one [dex].")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of public tables; that of SURROGATE_DATA if left out.",
    ),
]


@app.command("patterns")
def patterns(
    out: Annotated[Path, typer.Option("-o", "--out", help="The csv file to write.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Tables of conditions (csv), or trajectories: time, temperature, density, Ye.",
        ),
    ] = None,
    sets: Annotated[
        list[Set] | None,
        typer.Option("--set", help="The library's own conditions; all of them without a FILE."),
    ] = None,
    data: DataOption = None,
    jobs: Annotated[
        int, typer.Option(min=0, help="Runs side by side; 0 is one for each core.")
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Compute patterns of the r- and i-process with the reaction network: a second a run.

    What is finished is kept in FILE.part; after Ctrl-C the same command goes on from there.

    Exit code: 0 done, 1 some conditions could not be run, 2 wrong input, 130 interrupted.
    """
    refuse_existing(out, force)
    conditions, problems = sources.read_conditions(files or [], [one.value for one in sets or []])
    from surrogate.enrichment.bank.run import Simulator
    from surrogate.enrichment.bank.simulate import simulate
    from surrogate.enrichment.network.network import load_network, missing

    notes = missing(data)
    if notes:
        typer.echo(f"surrogate: the network is made without {', '.join(notes)}", err=True)
    simulator = Simulator(load_network(data))
    with resumes("what is finished", part_of(out)), bar("runs") as update:
        problems += simulate(conditions, simulator, out, jobs=jobs, report=update)
    typer.echo(f"{out}: {len(conditions):,} conditions, {len(problems):,} problems")
    finish(problems, [], "conditions were left out")


@app.command("train")
def train(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to write.")],
    tables: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Tables of `patterns`; the shipped ones else."),
    ] = None,
    data: DataOption = None,
    published: Annotated[
        bool, typer.Option(help="Learn published patterns of the r-process, too.")
    ] = True,
    seeds: Annotated[int, typer.Option(min=1, max=200, help="Networks of each kind.")] = 16,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of binary networks; the paper's if left out.")
    ] = None,
    one_class_epochs: Annotated[
        int | None, typer.Option(min=1, help="Of autoencoders; the paper's if left out.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder.")] = False,
) -> None:
    """Train classifiers on patterns of the r- and i-process and published ones of the s-process.

    What is finished is kept in DIR.part; after Ctrl-C the same command goes on from there.

    Exit code: 0 done, 1 some patterns could not be read, 2 wrong input, 130 interrupted.
    """
    refuse_existing(out, force)
    import shutil

    from surrogate.enrichment.classifiers import binary, one_class
    from surrogate.enrichment.classifiers.store import save_models
    from surrogate.enrichment.classifiers.train_models import train_models

    whole, problems = sources.training_patterns(tables or [], data, published)
    keep = part_of(out)
    with resumes("what is finished", keep), bar("networks") as update:
        models = train_models(
            whole,
            seeds=range(seeds),
            epochs=epochs or binary.EPOCHS,
            one_class_epochs=one_class_epochs or one_class.EPOCHS,
            keep=keep,
            report=lambda text, done, total: update(done, total),
        )
    save_models(models, out)
    shutil.rmtree(keep)
    typer.echo(f"{out}: {models.seeds} networks of each kind, on {models.card['patterns']}")
    finish(problems, [], "patterns or cells were left out")


@app.command("classify")
def classify(
    files: Tables,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The csv file; standard output if left out.")
    ] = None,
    models: ModelsOption = None,
    solar: SolarOption = Solar.ASPLUND2009,
    error: ErrorOption = 0.15,
) -> None:
    """Label stars: one line a star, with probabilities and what to measure next.

    Cells and stars that cannot be used are named on standard error; the others are labelled.

    Exit code: 0 done, 1 some could not be used, 2 wrong input, 130 interrupted.
    """
    from surrogate.cli.enrichment_rows import header, line_of
    from surrogate.cli.output import Output
    from surrogate.enrichment.classes import classify as by_rule

    stars, problems = sources.read_stars(files, solar.value)
    with Output(out, "labelled stars") as output:
        output.write(header() + "\n")
        labels = sources.label(stars, sources.load_models(models), error)
        for label, rule in zip(labels, by_rule(stars, solar.value), strict=True):
            output.write(line_of(label, rule) + "\n", rows=1)
    finish(problems, [], "cells, columns or stars were left out")


@app.command("report")
def report(
    files: Tables,
    out: Annotated[Path, typer.Option("-o", "--out", help="The html file to write.")],
    models: ModelsOption = None,
    solar: SolarOption = Solar.ASPLUND2009,
    error: ErrorOption = 0.15,
    tables: Annotated[
        list[Path] | None,
        typer.Option("--patterns", help="Tables of `patterns` to draw; the shipped ones else."),
    ] = None,
    data: DataOption = None,
    most: Annotated[int, typer.Option(min=0, help="Stars that are shown one by one.")] = 50,
) -> None:
    """Write a page with labels, pictures and what they rest on.

    Exit code: 0 done, 1 some stars could not be used, 2 wrong input, 130 interrupted.
    """
    from surrogate.enrichment.report import write_report
    from surrogate.inference.optional import needs

    needs("matplotlib", "experiments")
    stars, problems = sources.read_stars(files, solar.value)
    loaded = sources.load_models(models)
    labels = list(sources.label(stars, loaded, error))
    drawn = sources.drawn_patterns(tables or [], data)
    with bar("pictures") as update:
        write_report(
            stars,
            labels,
            loaded,
            out,
            patterns=drawn,
            problems=problems,
            most=most,
            error=error,
            solar=solar.value,
            report=update,
        )
    typer.echo(f"{out}: {len(labels):,} stars")
    finish(problems, [], "cells, columns or stars were left out")
