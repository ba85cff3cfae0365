"""Bad inputs of a run are refused before it starts.

StarSmasher itself often takes them without a word, or ends with status 0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from surrogate.hints import did_you_mean
from surrogate.simulations.starsmasher.namelist import Value, read_namelist
from surrogate.simulations.starsmasher.names import (
    INAMES,
    INIT,
    INPUT,
    INPUT_NAMES,
    RESTART,
    START1,
    START2,
)
from surrogate.simulations.starsmasher.records import Header
from surrogate.simulations.starsmasher.snapshots import check_snapshot, read_snapshot


def check_inputs(folder: Path) -> None:
    """Make sure that StarSmasher can run on what a folder holds.

    Args:
        folder: a run's folder, ready for a first start or for a restart.

    Raises:
        ValueError: a file is missing, unreadable, cut short or holds NaN; INAME or a name in
            `sph.input` is unknown; tf, dtout, rp, vinf2 or sep0 is unset or out of range; nnopt or
            ncooling differ between files; a restart is not of the stars that the folder holds. With
            the file, the value, and what is allowed.
    """
    path = folder / INPUT
    values = _read_input(path)
    for name in ("tf", "dtout"):
        if not _number(path, values, name) > 0:
            raise ValueError(f"{path}: {name} = {values[name]}, allowed: more than 0.")
    _check_tables(folder, values)
    if all((folder / f"energy{i}.sph").exists() for i in range(10)):
        raise ValueError(
            f"{folder}: energy0.sph to energy9.sph all exist, StarSmasher would hang. Move them "
            "to another folder."
        )
    if (folder / RESTART).exists():
        _check_restart(folder, values)
        return
    iname = read_iname(folder)
    if iname == "hyp":
        _check_orbit(path, values)
        _check_stars(folder, values)
    elif iname == "erg":
        _check_profile(folder, values)


def read_iname(folder: Path) -> str:
    """Read from a run's `sph.init` of what kind it is: "erg", "1es", "hyp", ...

    Raises:
        ValueError: `sph.init` is missing, cannot be read, lacks INAME, or has an unknown one.
    """
    path = folder / INIT
    _need(path, "the kind of the run")
    iname = read_namelist(path, "INITT").get("iname")
    if iname not in INAMES:
        raise ValueError(f"{path}: INAME = {iname!r}, allowed: {', '.join(sorted(INAMES))}.")
    return str(iname)


def _read_input(path: Path) -> dict[str, Value]:
    _need(path, "the settings of the run")
    values = read_namelist(path, "INPUT")
    for name in values:
        if name not in INPUT_NAMES:
            hint = did_you_mean(name, INPUT_NAMES) or "leave it out."
            raise ValueError(f"{path}: {name} is unknown to StarSmasher, {hint}")
    return values


def _check_orbit(path: Path, values: dict[str, Value]) -> None:
    rp = _number(path, values, "rp")
    if rp < 0:
        raise ValueError(f"{path}: rp = {rp}, allowed: 0 or more.")
    sep0 = _number(path, values, "sep0", 200.0)
    if not sep0 > rp:
        raise ValueError(f"{path}: sep0 = {sep0}, allowed: more than rp = {rp}.")
    if not {"vinf2", "e0", "semimajoraxis"} & set(values):
        raise ValueError(f"{path}: vinf2 is unset, allowed: 0 or more. Give it beside rp.")


def _check_stars(folder: Path, values: dict[str, Value]) -> None:
    starts = _start_files(folder, values)
    headers = []
    for start in starts:
        _need(start, "a relaxed star")
        headers.append(check_snapshot(start))
    for name in ("nnopt", "ncooling"):
        first, second = (getattr(header, name) for header in headers)
        if first != second:
            raise ValueError(
                f"{name} = {first} in {starts[0]}, but {second} in {starts[1]}, allowed: the same "
                "in both. Relax both stars with the same."
            )
    _check_agreement(folder, values, headers[0], starts[0])


def _check_restart(folder: Path, values: dict[str, Value]) -> None:
    path = folder / RESTART
    header = check_snapshot(path)
    tf = _number(folder / INPUT, values, "tf")
    if not tf > header.t:
        raise ValueError(
            f"{folder / INPUT}: tf = {tf}, allowed: more than {header.t}, the time of {path}. Give "
            "a later one, or take the run as it is."
        )
    _check_agreement(folder, values, header, path)
    starts = _start_files(folder, values)
    if values.get("nrelax", 1) == 0 and all(start.is_file() for start in starts):
        masses = [read_snapshot(start).records["am"] for start in starts]
        if not np.array_equal(read_snapshot(path, mapped=False).records["am"], np.hstack(masses)):
            raise ValueError(
                f"{path}: its particles are not those of {START1}, then those of {START2}. Restart "
                "from a snapshot of this run."
            )


def _check_agreement(folder: Path, values: dict[str, Value], header: Header, of: Path) -> None:
    """StarSmasher takes these from the snapshot, whatever its settings say."""
    gflag = _number(folder / INPUT, values, "gflag", 1)
    for name, default in (("nnopt", 22 + gflag), ("ncooling", 0)):
        told, allowed = _number(folder / INPUT, values, name, default), getattr(header, name)
        if told != allowed:
            raise ValueError(
                f"{folder / INPUT}: {name} = {told:g}, allowed: {allowed}, that of {of}. Set it "
                "so, or relax the stars with the other."
            )


def _check_profile(folder: Path, values: dict[str, Value]) -> None:
    if "profilefile" not in values:
        raise ValueError(f"{folder / INPUT}: profilefile is unset: name the star's profile.")
    path = folder / str(values["profilefile"])
    _need(path, "the star's profile")
    if path.stat().st_size == 0:
        raise ValueError(f"{path}: is empty, should be the star's profile. Write the inputs again.")
    if values.get("stellarevolutioncodetype", 1) == 0:
        from surrogate.simulations.starsmasher.twin import read_twin

        read_twin(path)


def _check_tables(folder: Path, values: dict[str, Value]) -> None:
    if values.get("neos", 1) == 2:
        _need(folder / str(values.get("eosfile", "sph.eos")), "the table that neos = 2 needs")
    if values.get("ncooling", 0) != 0:
        _need(folder / str(values.get("opacityfile", "sph.opacity")), "the table for cooling")


def _start_files(folder: Path, values: dict[str, Value]) -> tuple[Path, Path]:
    first = str(values.get("startfile1", START1))
    return folder / first, folder / str(values.get("startfile2", START2))


def _need(path: Path, what: str) -> None:
    if not path.is_file():
        raise ValueError(f"{path}: is missing, should be {what}. Write the inputs again.")


def _number(path: Path, values: dict[str, Value], name: str, default: float | None = None) -> float:
    value = values.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        shown = "is unset" if value is None else f"= {value!r}"
        raise ValueError(f"{path}: {name} {shown}, allowed: a number. Give one.")
    return float(value)
