"""What StarSmasher says about its own run: progress, the end, and why it stopped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from surrogate.simulations.fortran import fortran_float

TAIL_BYTES: Final = 8192
"""How much of the end of a file is read: some steps."""

_STEP = re.compile(r"end it\.\s+(\d+)\s+t=\s*(\S+)")
_END = re.compile(r"main: end of integration, t=\s*(\S+)")

_FAILURES: Final = {
    "gam1 value does not make sense": "the time step was too large: take smaller cn1, cn2, cn3",
    "unreasonably small dt": "the time step became too small: look at the particle named last",
    "error reading input file sph.init": "sph.init is missing or unreadable: write "
    "the inputs again",
    "error reading": "an input file is missing or unreadable: write the inputs again",
    "init: unknown name": "INAME in sph.init is unknown: write the inputs again",
    "Cannot match namelist object name": "sph.input has a name that this build does not know: "
    "leave it out",
    "problem assigning particles to grav processes": "too few MPI ranks: start at least two",
    "increase nmax": "too many particles for this build: take fewer, or compile it with more",
    "n>nmax": "too many particles for this build: take fewer, or compile it with more",
    "2nd simple check fails": "the orbit is not defined: set rp and vinf2",
    "bad initial conditions in sph.input": "the orbit is not defined: set rp, vinf2, sep0 > rp",
    "will use compact object": "sph.start2u is missing, a point mass took its place",
    "startfile2 given in sph.input does not exist": "the start file is missing: write the inputs "
    "again",
    "No such file or directory": "an input file is missing: write the inputs again",
    "ERROR: nnopt from star 1": "nnopt differs between the stars: relax both with the same",
    "ERROR: currently nnopt": "nnopt differs from the stars': relax both with the same",
    "End of file": "an input file is cut short: write the inputs again",
    "problem with dump file": "restartrad.sph is damaged: restart from an earlier snapshot",
    "problem with sph.start": "a start file is damaged: relax the star again",
    "epot=0": "gravity was not calculated: check the build and ngravprocs",
    "strange cn": "a cn is negative: write the inputs again",
    "No space left on device": "the disk is full: free some space, then start the run again",
}  # fmt: skip


class Progress(NamedTuple):
    """How far a run is."""

    nit: int
    """Number of time steps made."""
    t: float
    """Time [code units]."""


def read_tail(path: Path, size: int = TAIL_BYTES) -> str:
    """Read the end of a file, which may be growing, without reading the rest.

    Args:
        path: the file.
        size: how many bytes at most.

    Returns:
        The text, from the start of a line on; empty where there is no such file.
    """
    try:
        with path.open("rb") as file:
            length = file.seek(0, 2)
            file.seek(max(0, length - size))
            data = file.read(size)
    except FileNotFoundError:
        return ""
    text = data.decode(errors="replace")
    return text if length <= size else text[text.find("\n") + 1 :]


def read_progress(path: Path) -> Progress | None:
    """Read from a run's standard output how far it is.

    Args:
        path: the file that takes the output; it may be growing.

    Returns:
        The last step that is told in full, or None where there is none as yet.
    """
    text = read_tail(path)
    # The last line may be half written, and half a number is a number.
    steps = _STEP.findall(text[: text.rfind("\n") + 1])
    for nit, t in reversed(steps):
        try:
            return Progress(int(nit), fortran_float(t))
        except ValueError:
            continue
    return None


def latest_log(folder: Path) -> Path | None:
    """The `logN.sph` of a run's last start, or None where there is none."""
    logs = sorted(folder.glob("log?.sph"), key=lambda path: (path.name[3] == "*", path.name))
    return logs[-1] if logs else None


def end_time(path: Path) -> float | None:
    """Time at which a log says that the integration ended.

    Args:
        path: a `logN.sph`, or a run's output.

    Returns:
        The time [code units], or None where the log does not say so.
    """
    found = _END.findall(read_tail(path))
    return fortran_float(found[-1]) if found else None


def find_failures(text: str) -> list[str]:
    """Explain StarSmasher's messages about what went wrong.

    Args:
        text: the end of a log, or of what a run wrote to its standard output or error.

    Returns:
        For every known message in the text: the line, what it means and what to do. The run may
        have gone wrong without any.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        for message, meaning in _FAILURES.items():
            if message in line:
                found.setdefault(line.strip(), meaning)
                break
    return [f"{line!r}: {meaning}." for line, meaning in found.items()]
