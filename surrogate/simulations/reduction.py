"""A finished run as one row of the grid, with what the public grid lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from surrogate.simulations.outcome import outcome
from surrogate.simulations.starsmasher.snapshots import energies, find_snapshots, read_snapshot

if TYPE_CHECKING:
    from surrogate.simulations.history import History
    from surrogate.simulations.runs import Case


def reduce(folder: Path, case: Case, history: History) -> dict[str, Any]:
    """Reduce a run to what becomes of its stars.

    Args:
        folder: of the run.
        case: its conditions.
        history: of its snapshots, up to the last.

    Returns:
        What `remains` tells, and `t` of the last snapshot [code units], the number of `snapshots`
        and `energy_error`, the relative change of the total energy from the first to the last.
    """
    paths = find_snapshots(folder)
    first, last = (energies(read_snapshot(path)) for path in (paths[0], paths[-1]))
    return {
        **remains(case, history),
        "t": last.t,
        "snapshots": len(paths),
        "energy_error": abs((last.Etot - first.Etot) / first.Etot),
    }


def remains(case: Case, history: History) -> dict[str, Any]:
    """What becomes of two stars, as far as their history tells.

    The particles' masses add up to those asked for only within the resolution. So that the row
    conserves mass, every bound mass is scaled by (m1 + m2) / (mass of all particles).

    Args:
        case: the conditions.
        history: of all snapshots, up to the last.

    Returns:
        The conditions; `fate`, `m1_final`, `m2_final` [Msun] in the convention of the grid; and
        `v1`, `v2`, `kick` (3,) [km/s], `v_infinity` [km/s], `semimajor_axis`, `pericentre` [Rsun],
        `eccentricity`, `orbital_energy` [G Msun^2 / Rsun] of what is left (NaN where there is no
        such thing), and `n1`, `n2` particles bound to either component.
    """
    left = outcome(history, case.m1, case.m2)
    scale = (case.m1 + case.m2) / (left.m1 + left.m2 + left.unbound)
    return {
        **case._asdict(),
        "fate": int(left.fate),
        "m1_final": left.m1 * scale,
        "m2_final": left.m2 * scale,
        "v1": (left.v1_kms).tolist(),
        "v2": (left.v2_kms).tolist(),
        "kick": (left.kick_kms).tolist(),
        "v_infinity": left.v_infinity_kms,
        "orbital_energy": left.orbital_energy,
        "semimajor_axis": left.semimajor_axis,
        "pericentre": left.pericentre,
        "eccentricity": left.eccentricity,
        "n1": int(history.number[-1, 0]),
        "n2": int(history.number[-1, 1]),
    }
