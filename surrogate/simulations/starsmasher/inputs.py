"""A run's folder before it starts: its inputs are written, and bad ones refused.

StarSmasher itself often takes bad inputs without a word, or ends with status 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from surrogate.learning.files import copy_file
from surrogate.simulations.starsmasher.checks import check_inputs, read_iname
from surrogate.simulations.starsmasher.namelist import Value, read_namelist, write_namelist
from surrogate.simulations.starsmasher.names import INIT, INPUT, RESTART, START1, START2
from surrogate.simulations.starsmasher.settings import Settings, settings_from, values_for
from surrogate.simulations.starsmasher.snapshots import check_snapshot
from surrogate.simulations.starsmasher.tables import EARLIER

__all__ = [
    "INIT",
    "INPUT",
    "PROFILE",
    "RESTART",
    "START1",
    "START2",
    "check_inputs",
    "put_away",
    "read_iname",
    "read_settings",
    "restart_from",
    "start_over",
    "write_collision",
    "write_star",
]

PROFILE: Final = "star.profile"
"""The profile that a star is made from."""
_FILES: Final = ("profilefile", "startfile1", "startfile2")


def write_star(folder: Path, profile_file: Path | None, settings: Settings) -> None:
    """Write the inputs of a run that makes and relaxes one star.

    Args:
        folder: the run's folder; made where it is missing.
        profile_file: a profile in the layout `settings.stellarevolutioncodetype`, copied into the
            folder; None for a polytrope of `settings.starmass`, `starradius` and `gam`.
        settings: tf and dtout must be given.

    Raises:
        ValueError: a setting that is needed is missing, or the folder already holds a run.
        OSError: a file cannot be read or written.
    """
    if profile_file is not None and settings.neos == 0:
        raise ValueError("neos = 0, allowed for a star from a profile: 1 or 2.")
    values = _input_values("star", settings)
    _refuse_started(folder)
    if profile_file is not None:
        values["profilefile"] = PROFILE
        copy_file(profile_file, folder / PROFILE)
    write_namelist(folder / INPUT, "INPUT", values)
    write_namelist(folder / INIT, "INITT", {"INAME": "1es" if profile_file is None else "erg"})


def write_collision(folder: Path, star1: Path, star2: Path, settings: Settings) -> None:
    """Write the inputs of a collision of two relaxed stars.

    Args:
        folder: the run's folder; made where it is missing.
        star1: last snapshot of star 1's relaxation, copied byte for byte.
        star2: that of star 2.
        settings: tf, dtout, rp and vinf2 must be given, and sep0 be larger than rp.

    Raises:
        ValueError: a setting that is needed is missing, or the folder already holds a run.
        OSError: a file cannot be read or written.
    """
    values = _input_values("collision", settings)
    _refuse_started(folder)
    copy_file(star1, folder / START1)
    copy_file(star2, folder / START2)
    write_namelist(folder / INPUT, "INPUT", values)
    write_namelist(folder / INIT, "INITT", {"INAME": "hyp"})


def start_over(folder: Path, settings: Settings) -> None:
    """Make ready to begin a run again, when it left no snapshot to go on from.

    Args:
        folder: the run's folder, as `write_star` or `write_collision` made it.
        settings: may differ from those that the run was made with.

    Raises:
        FileNotFoundError: the folder lacks `sph.input`.
        ValueError: a setting that is needed is missing, or an input cannot be read.
        OSError: a file cannot be written or moved.
    """
    values = _new_values(folder, settings)
    (folder / RESTART).unlink(missing_ok=True)
    put_away(folder)
    write_namelist(folder / INPUT, "INPUT", values)


def restart_from(folder: Path, snapshot: Path, settings: Settings) -> None:
    """Make ready to continue a run from one of its snapshots.

    `energyN.sph` and `logN.sph` go to the folder `earlier/NN`: StarSmasher hangs at a start where
    energy0 to energy9 all exist. Where this is interrupted, it may simply be done again.

    Args:
        folder: the run's folder, with its `sph.init` and `sph.input`.
        snapshot: an `out*.sph` or the `restartrad.sph` of the run.
        settings: as when the run was made (`read_settings`), but with a tf later than the snapshot.

    Raises:
        FileNotFoundError: the snapshot or `sph.input` is missing.
        ValueError: the snapshot is cut short, damaged, or not earlier than tf; nnopt or ncooling
            differ from it; a setting that is needed is missing; an input cannot be read.
        OSError: a file cannot be written or moved.
    """
    header = check_snapshot(snapshot)
    values = _new_values(folder, settings)
    if not header.t < float(values["tf"]):
        raise ValueError(
            f"tf = {values['tf']}, allowed: more than {header.t}, the time of {snapshot}."
        )
    for name in ("nnopt", "ncooling"):
        if getattr(header, name) != values[name]:
            raise ValueError(
                f"{name} = {values[name]}, allowed: {getattr(header, name)}, that of {snapshot}."
            )
    put_away(folder)
    write_namelist(folder / INPUT, "INPUT", values)
    if snapshot.resolve() != (folder / RESTART).resolve():
        copy_file(snapshot, folder / RESTART)


def read_settings(folder: Path) -> Settings:
    """Read the settings of a run from its `sph.input`.

    Args:
        folder: the run's folder.

    Returns:
        The settings; those that the file does not name have the defaults of this package.

    Raises:
        FileNotFoundError: there is no `sph.input`.
        ValueError: it cannot be read, or holds what `Settings` does not allow.
    """
    path = folder / INPUT
    values = read_namelist(path, "INPUT")
    try:
        return settings_from({k: v for k, v in values.items() if k not in _FILES})
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _new_values(folder: Path, settings: Settings) -> dict[str, Value]:
    """Settings for a folder that has some: the files they name stay."""
    kind = "collision" if read_iname(folder) == "hyp" else "star"
    old = read_namelist(folder / INPUT, "INPUT")
    return {**_input_values(kind, settings), **{k: old[k] for k in _FILES if k in old}}


def _input_values(kind: str, settings: Settings) -> dict[str, Value]:
    values = values_for(kind, settings)
    needed = ("tf", "dtout", "rp", "vinf2") if kind == "collision" else ("tf", "dtout")
    missing = [name for name in needed if name not in values]
    if missing:
        raise ValueError(f"a {kind} needs the settings {', '.join(missing)}: give them.")
    if kind == "collision" and not settings.sep0 > float(values["rp"]):
        raise ValueError(f"sep0 = {settings.sep0}, allowed: more than rp = {settings.rp}.")
    return values


def _refuse_started(folder: Path) -> None:
    if (folder / RESTART).exists():
        raise ValueError(
            f"{folder / RESTART} exists: StarSmasher would continue that run. Continue it with "
            "restart_from, or empty the folder first."
        )


def put_away(folder: Path) -> None:
    """Move `energyN.sph` and `logN.sph` of a run to a new folder `earlier/NN`.

    Args:
        folder: the run's folder; StarSmasher must not be running in it.
    """
    old = [path for name in ("energy?.sph", "log?.sph") for path in folder.glob(name)]
    if not old:
        return
    numbers = [int(p.name) for p in (folder / EARLIER).glob("*") if p.name.isdigit()]
    target = folder / EARLIER / f"{max(numbers, default=-1) + 1:02d}"
    target.mkdir(parents=True)
    for path in old:
        path.replace(target / path.name)


def refuse_other_stars(folder: Path, stars: tuple[Path, Path]) -> None:
    """Raise ValueError where a collision was begun with other stars than these."""
    for name, star in zip((START1, START2), stars, strict=True):
        if (folder / name).exists() and (folder / name).read_bytes() != star.read_bytes():
            raise ValueError(
                f"{folder / name} is not {star}: the run was begun with another star. Go back to "
                f"the settings of that star, or delete {folder} to begin again."
            )
