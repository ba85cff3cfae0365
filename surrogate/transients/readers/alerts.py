"""Alerts of ZTF, and what the Lasair broker says of an object, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from surrogate.learning.problems import Problem
from surrogate.learning.text_tables import number
from surrogate.transients.photometry import Kind, Row
from surrogate.transients.readers.common import (
    Facts,
    Reading,
    from_limit,
    from_magnitude,
    gather,
    scale,
    to_mjd,
)

POSITIVE: Final = frozenset({"t", "true", "1", "1.0"})
"""Values of `isdiffpos` where the source is brighter than in the reference image."""
SAME_TIME: Final = 5
"""Decimals of days to which the times of one exposure agree; exposures take 30 s."""
NANOJANSKY: Final = 1e-3
"""In microjanskys."""


def read_alerts(text: str, stem: str) -> Reading:
    """Read alert packets of ZTF or replies of Lasair for objects, one or a list of them.

    What several packets say of one object is joined; an exposure counts once for each filter, as a
    detection where there is one. A detection has `magpsf` and `candid` or `sigmapsf`; its flux is
    negative where `isdiffpos` says so. Others are upper limits, at `diffmaglim`. Lasair's replies
    of the LSST era hold fluxes [nJy] of sources and forced photometry instead; their times are
    TAI, 37 s ahead of UTC, and stay so.

    Args:
        text: JSON: packets with `candidate` and `prv_candidates`, or replies with `candidates` or
            `diaSourcesList`.
        stem: name of the object where the packet has none.

    Returns:
        Objects in order of first appearance, with a redshift from the Transient Name Server, else
        that of the host by Sherlock. Measurements that cannot be used, and packets of another kind,
        are problems; rows are numbered from 1 for each object.

    Raises:
        ValueError: the text is not JSON, or none of it is such a packet.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"damaged JSON ({error}); copy or download it again") from error
    points: dict[str, list[Mapping[str, Any]]] = {}
    facts: dict[str, Facts] = {}
    problems: list[Problem] = []
    for count, packet in enumerate(content if isinstance(content, list) else [content], 1):
        measured = _find_points(packet)
        if measured is None:
            problems.append(Problem(Kind.UNREADABLE, stem, _explain(packet), count))
            continue
        name = _find_name(packet) or stem
        points.setdefault(name, []).extend(measured)
        facts[name] = facts.get(name, Facts()).filled(_find_facts(packet))
    if not points:
        raise ValueError(problems[0].message if problems else "an empty list; download it again")
    rows: dict[str, list[Row]] = {}
    for name, mine in points.items():
        read = [_read_point(name, i, point) for i, point in enumerate(mine, 1)]
        problems += [row for row in read if isinstance(row, Problem)]
        rows[name] = _unique(row for row in read if isinstance(row, Row))
    return gather(rows, facts, problems)


def _find_points(packet: Any) -> list[Mapping[str, Any]] | None:
    if not isinstance(packet, Mapping):
        return None
    if "candidate" in packet:
        points = [packet["candidate"], *_list(packet.get("prv_candidates"))]
    elif "diaSourcesList" in packet:
        # Sources first: forced photometry of the same exposure tells nothing new.
        points = _list(packet["diaSourcesList"]) + _list(packet.get("diaForcedSourcesList"))
    elif "candidates" in packet:
        points = _list(packet["candidates"])
    else:
        return None
    return [point for point in points if isinstance(point, Mapping)]


def _find_name(packet: Mapping[str, Any]) -> str:
    inner = _mapping(packet.get("diaObject"))
    name = packet.get("objectId") or packet.get("diaObjectId") or inner.get("diaObjectId")
    return "" if name is None else str(name)


def _find_facts(packet: Mapping[str, Any]) -> Facts:
    added = _mapping(packet.get("lasairData"))
    # The server's redshifts are spectroscopic, Sherlock's are of the galaxy it holds for the host.
    sources = [_mapping(p.get(key)) for key in ("TNS", "sherlock") for p in (packet, added)]
    redshifts = (number(source.get("z")) for source in sources)
    places = [packet, added, *(_mapping(packet.get(key)) for key in ("objectData", "diaObject"))]
    reddenings = (number(place.get("ebv")) for place in places)
    return Facts(
        next((z for z in redshifts if 0.0 < z < math.inf), None),
        next((ebv for ebv in reddenings if 0.0 <= ebv < math.inf), None),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    """The value, or the first of a list of such; empty where it is something else."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, Mapping) else {}


def _read_point(name: str, count: int, point: Mapping[str, Any]) -> Row | Problem:
    if "psfFlux" in point:
        flux, error = (scale(point.get(key), NANOJANSKY) for key in ("psfFlux", "psfFluxErr"))
        # None would make a limit of it.
        error = "None" if error is None else error
        return Row(count, point.get("midpointMjdTai"), f"lsst{point.get('band')}", flux, error)
    time = to_mjd(point.get("jd") if point.get("mjd") is None else point.get("mjd"))
    band, mag, error = (point.get(key) for key in ("fid", "magpsf", "sigmapsf"))
    # Lasair repeats the limit as magpsf, but gives it neither a number nor an error.
    if mag is None or (error is None and point.get("candid") is None):
        return Row(count, time, band, from_limit(point.get("diffmaglim")), None)
    sign = point.get("isdiffpos")
    if sign is None:
        message = "isdiffpos = None, allowed: t, f, 1 or 0; the row is left out"
        return Problem(Kind.NOT_A_NUMBER, name, message, count)
    return Row(count, time, band, *from_magnitude(mag, error, 1.0 if _is_positive(sign) else -1.0))


def _is_positive(sign: object) -> bool:
    return str(sign).lower() in POSITIVE


def _unique(rows: Iterable[Row]) -> list[Row]:
    """Rows in order of time, one for each exposure and filter; bad times go last."""
    best: dict[tuple[object, ...], Row] = {}
    for row in rows:
        time = number(row.mjd)
        key = (row.number,) if math.isnan(time) else (round(time, SAME_TIME), str(row.band))
        old = best.get(key)
        if old is None or (old.error is None and row.error is not None):
            best[key] = row
    # The order in a packet means nothing: the newest comes first in some, last in others.
    return sorted(best.values(), key=lambda row: (math.isnan(number(row.mjd)), number(row.mjd)))


def _explain(packet: Any) -> str:
    found = ", ".join(list(packet)[:12]) if isinstance(packet, Mapping) else type(packet).__name__
    return (
        f"keys found: {found}; needed: candidate (a ZTF alert), candidates or diaSourcesList "
        "(a Lasair object); the packet is left out"
    )
