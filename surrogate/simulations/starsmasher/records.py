"""The layout of StarSmasher's binary files: Fortran sequential records, little-endian.

Every record stands between two 4-byte markers that hold its length.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

import numpy as np

HEADER_SIZES: Final = (164, 136, 124)
"""Bytes of a header: today's, and those of two older versions that lack the last fields."""
_HEADER: Final = "<2i5d2idi3d2i3didi3d"
_PARTICLE: Final = "x y z am hp rho vx vy vz vxdot vydot vzdot u udot grpot meanmolecular"
TRAILER_SIZE: Final = 12
"""Bytes of the last record, the number of particles, with its markers."""


class Header(NamedTuple):
    """What a snapshot says about its run; code units, with StarSmasher's own names."""

    ntot: int
    """Number of particles."""
    nnopt: int
    """Sets the number of neighbours."""
    hco: float
    hfloor: float
    sep0: float
    """Initial separation."""
    tf: float
    """Time at which the run ends."""
    dtout: float
    """Time between two snapshots."""
    nout: int
    """Number of this snapshot."""
    nit: int
    """Number of time steps made."""
    t: float
    """Time of the velocities and internal energies, half a step ahead of the positions."""
    nav: int
    """Kind of artificial viscosity."""
    alpha: float
    beta: float
    tjumpahead: float
    ngr: int
    """Kind of gravity."""
    nrelax: int
    """0: dynamics; 1: relaxation of one star."""
    trelax: float
    dt: float
    """Time step."""
    omega2: float
    ncooling: int = 0
    """Where not 0, particles carry two more fields."""
    erad: float = 0.0
    """Energy radiated away."""
    ndisplace: int = 0
    displacex: float = 0.0
    displacey: float = 0.0
    displacez: float = 0.0


def particle_dtype(cooling: bool = False) -> np.dtype:
    """Layout of one particle's record in a file, its markers (`head`, `tail`) included.

    Args:
        cooling: whether the run had ncooling other than 0 (156 bytes instead of 140).

    Returns:
        A packed structured type with StarSmasher's own names; code units, `meanmolecular` in
        grams.
    """
    last = ["divv", "ueq", "tthermal"] if cooling else ["divv"]
    return np.dtype(
        [
            ("head", "<i4"),
            *((name, "<f8") for name in _PARTICLE.split()),
            ("cc", "<i4"),
            *((name, "<f8") for name in last),
            ("tail", "<i4"),
        ]
    )


def frame(payload: bytes) -> bytes:
    """Put a record's two markers around it."""
    marker = struct.pack("<i", len(payload))
    return marker + payload + marker


def pack_header(header: Header, size: int = HEADER_SIZES[0]) -> bytes:
    """Write a header as a record.

    Args:
        header: the fields; those that an older version lacks are left out.
        size: the version, one of `HEADER_SIZES`.

    Returns:
        The record with its markers.

    Raises:
        ValueError: there is no such version.
    """
    if size not in HEADER_SIZES:
        raise ValueError(f"header of {size} bytes, allowed: {HEADER_SIZES}.")
    return frame(struct.pack(_HEADER, *header)[:size])


def unpack_header(start: bytes) -> tuple[Header, int]:
    """Read the header at the start of a file.

    Args:
        start: the first bytes of the file, at least 172 where it has as many.

    Returns:
        The header and its size in bytes, one of `HEADER_SIZES`.

    Raises:
        ValueError: these bytes do not start a snapshot.
    """
    if len(start) < 4:
        raise ValueError(
            f"{len(start)} bytes, should be at least {HEADER_SIZES[-1] + 8}: cut short"
        )
    (size,) = struct.unpack("<i", start[:4])
    if size not in HEADER_SIZES:
        swapped = struct.unpack(">i", start[:4])[0] in HEADER_SIZES
        why = "it was written on a big-endian machine" if swapped else "it is no snapshot"
        raise ValueError(f"first record of {size} bytes, allowed: {HEADER_SIZES}: {why}")
    if len(start) < size + 8:
        raise ValueError(f"{len(start)} bytes, should be at least {size + 8}: cut short")
    (end,) = struct.unpack("<i", start[size + 4 : size + 8])
    if end != size:
        raise ValueError(f"marker after the header = {end}, should be {size}: damaged")
    # An older header is today's without the end: zeros stand in, which are the defaults.
    whole = start[4 : size + 4].ljust(HEADER_SIZES[0], b"\0")
    header = Header(*struct.unpack(_HEADER, whole))
    if header.ntot < 1:
        raise ValueError(f"header field ntot = {header.ntot}, allowed: 1 or more: damaged")
    return header, size


def file_size(header: Header, header_size: int) -> int:
    """Bytes that a whole snapshot file has: header, particles and trailer with their markers."""
    particles = header.ntot * particle_dtype(header.ncooling != 0).itemsize
    return header_size + 8 + particles + TRAILER_SIZE
