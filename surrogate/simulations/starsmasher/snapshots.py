"""StarSmasher's snapshots: `out*.sph`, `restartrad.sph` and `sph.start*u` are of one format."""

from __future__ import annotations

import re
import struct
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surrogate.learning.files import write_bytes
from surrogate.simulations.particles import Particles
from surrogate.simulations.starsmasher.records import (
    HEADER_SIZES,
    TRAILER_SIZE,
    Header,
    file_size,
    frame,
    pack_header,
    particle_dtype,
    unpack_header,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Snapshot(NamedTuple):
    """One snapshot, as StarSmasher wrote it: velocities are half a step ahead of positions."""

    header: Header
    records: NDArray[np.void]
    """The particles, a structured array (n,) of `particle_dtype`; mapped from the file."""
    header_size: int = HEADER_SIZES[0]
    """Bytes of the header in the file: tells its version."""

    @property
    def time(self) -> float:
        """Time of positions, densities and potentials, t - dt/2 [code units]."""
        return self.header.t - self.header.dt / 2

    def particles(self) -> Particles:
        """Copy the particles, all quantities at `time`: v -= dt/2 vdot, u -= dt/2 udot.

        Returns:
            Float64 arrays, in code units.
        """
        rows, half = self.records, self.header.dt / 2

        def vectors(*names: str) -> NDArray[np.float64]:
            return np.stack([rows[name] for name in names], axis=-1).astype(np.float64)

        def scalars(name: str) -> NDArray[np.float64]:
            return np.array(rows[name], np.float64)

        return Particles(
            m=scalars("am"),
            x=vectors("x", "y", "z"),
            v=vectors("vx", "vy", "vz") - half * vectors("vxdot", "vydot", "vzdot"),
            u=scalars("u") - half * scalars("udot"),
            rho=scalars("rho"),
            h=scalars("hp"),
            phi=scalars("grpot"),
        )


class Energies(NamedTuple):
    """Energies of all particles at one moment [code units], as in `energyN.sph`."""

    t: float
    """Time."""
    W: float
    """Gravitational energy."""
    T: float
    """Kinetic energy."""
    U: float
    """Internal energy."""
    Etot: float
    """Their sum."""


def read_snapshot(path: str | PathLike[str], mapped: bool = True) -> Snapshot:
    """Read a snapshot, and make sure that it is whole.

    Args:
        path: an `out*.sph`, `restartrad.sph` or `sph.start*u`.
        mapped: whether the particles stay in the file until they are used. Say False for a file
            that StarSmasher may write again meanwhile (`restartrad.sph`): a mapped file that
            shrinks under its reader kills the process.

    Returns:
        The snapshot; its records cannot be changed.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is cut short (a run may still be writing it), damaged, or not a
            snapshot; with its path and what to do.
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            header, size = unpack_header(file.read(HEADER_SIZES[0] + 8))
            data = path.stat().st_size
            _check_size(data, file_size(header, size))
            dtype = particle_dtype(header.ncooling != 0)
            records: NDArray[np.void]
            if mapped:
                records = np.memmap(file, dtype, "r", size + 8, (header.ntot,))
            else:
                file.seek(size + 8)
                records = np.frombuffer(file.read(header.ntot * dtype.itemsize), dtype)
            file.seek(-TRAILER_SIZE, 2)
            _check_markers(header, records, file.read())
        except ValueError as error:
            raise ValueError(
                f"{path}: {error}. If a run is writing it, wait; otherwise delete it and take an "
                "earlier snapshot, or run again."
            ) from error
    return Snapshot(header, records, size)


def write_snapshot(
    path: str | PathLike[str],
    header: Header,
    records: NDArray[np.void],
    header_size: int = HEADER_SIZES[0],
) -> None:
    """Write a snapshot, whole or not at all, that StarSmasher can start from.

    Args:
        path: the file; an earlier one is replaced.
        header: its `ntot` must be the number of particles.
        records: the particles (n,), with the fields of `particle_dtype(header.ncooling != 0)`;
            what they have for markers is set right.
        header_size: the version of the header, one of `HEADER_SIZES`.

    Raises:
        ValueError: header and records disagree, or there is no such version.
    """
    if len(records) != header.ntot:
        raise ValueError(
            f"header field ntot = {header.ntot}, but there are {len(records)} records."
        )
    if header.ncooling and header_size == HEADER_SIZES[-1]:
        raise ValueError(
            f"header field ncooling = {header.ncooling}, allowed with a header of {header_size} "
            f"bytes: 0. Write a header of {HEADER_SIZES[0]} bytes."
        )
    dtype = particle_dtype(header.ncooling != 0)
    whole = np.zeros(len(records), dtype)
    for name in dtype.names or ():
        whole[name] = dtype.itemsize - 8 if name in ("head", "tail") else records[name]
    trailer = frame(struct.pack("<i", header.ntot))
    write_bytes(Path(path), [pack_header(header, header_size), whole.tobytes(), trailer])


def find_snapshots(folder: str | PathLike[str]) -> list[Path]:
    """List the `out*.sph` of a run in the order of their numbers, which may have 4 or 5 digits."""
    found = [
        (int(match[1]), path)
        for path in Path(folder).glob("out*.sph")
        if (match := re.fullmatch(r"out(\d{4,5})\.sph", path.name))
    ]
    return [path for _, path in sorted(found)]


def has_nan(snapshot: Snapshot) -> bool:
    """Whether the time or any number of any particle is NaN or infinite."""
    dtype = snapshot.records.dtype
    names = [name for name in dtype.names or () if dtype[name].kind == "f"]
    finite = all(np.isfinite(snapshot.records[name]).all() for name in names)
    return not (finite and np.isfinite([snapshot.header.t, snapshot.header.dt]).all())


def check_snapshot(path: str | PathLike[str]) -> Header:
    """Make sure that a snapshot is whole and holds numbers only.

    Args:
        path: the snapshot; it may be written again meanwhile.

    Returns:
        Its header.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is cut short, damaged, or holds NaN or infinity; with what to do.
    """
    snapshot = read_snapshot(path, mapped=False)
    if has_nan(snapshot):
        raise ValueError(
            f"{path}: holds NaN or infinite numbers, allowed: finite. The run went wrong: take an "
            "earlier snapshot, or run again with smaller time steps."
        )
    return snapshot.header


def good_snapshots(folder: str | PathLike[str]) -> dict[Path, float]:
    """The snapshots of a run up to the first that is cut short or holds NaN, and their times."""
    good = {}
    for path in find_snapshots(folder):
        try:
            good[path] = check_snapshot(path).t
        except (ValueError, OSError):
            break
    return good


def energies(snapshot: Snapshot) -> Energies:
    """Energies at the synchronised time, those of the row of `energyN.sph` at that time.

    Args:
        snapshot: the snapshot.

    Returns:
        W = sum m phi / 2, T = sum m v^2 / 2, U = sum m u and their sum [code units]. The file has T
        and U of values predicted with the rates of the step before, which differ by up to 1e-3 in
        a violent collision.
    """
    p = snapshot.particles()
    w = 0.5 * float(np.sum(p.m * p.phi))
    t = 0.5 * float(np.sum(p.m[:, None] * p.v**2))
    u = float(np.sum(p.m * p.u))
    return Energies(snapshot.time, w, t, u, w + t + u)


def _check_size(there: int, should: int) -> None:
    if there != should:
        what = "cut short" if there < should else "too long"
        raise ValueError(f"{there} bytes, should be {should}: {what}")


def _check_markers(header: Header, records: NDArray[np.void], trailer: bytes) -> None:
    length = records.dtype.itemsize - 8
    wrong = np.flatnonzero((records["head"] != length) | (records["tail"] != length))
    if wrong.size:
        raise ValueError(f"markers of particle {wrong[0]} are not {length}: damaged")
    if trailer != frame(struct.pack("<i", header.ntot)):
        raise ValueError(f"the last record is not ntot = {header.ntot}: damaged")
