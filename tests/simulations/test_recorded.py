"""Recorded runs of the real code, replayed: from the launch to the row."""

from dataclasses import replace

import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.simulations import units
from surrogate.simulations.engine import RunError
from surrogate.simulations.runs import STAR, Case, Plan, collide, relax
from surrogate.simulations.stars.polytrope import polytrope
from surrogate.simulations.starsmasher.engine import StarSmasher
from surrogate.simulations.starsmasher.twin import write_twin
from surrogate.simulations.stopping import StopRule

# name: rp, vinf2, time of the last snapshot, fate, masses of the remnants
RUNS = {
    "merger": (0.2, 0.05, 30.0, Fate.MERGER, (1.635, 0.0)),
    "disruptive": (0.6, 6.0, 10.0, Fate.TWO, (0.828, 0.600)),
    "flyby": (1.4, 2.0, 12.0, Fate.TWO, (1.0, 0.7)),
}
SHORT = StopRule(extension=1.0, energy_change=100.0, few_particles=1)
"""Ends as soon as the recorded snapshots do."""


def replay(code, starsmasher_dir, tmp_path, name, plan):
    recorded = starsmasher_dir / name
    rp, vinf2, *_ = RUNS[name]
    engine = StarSmasher(code, environment={"STANDIN_REPLAY": str(recorded)})
    case = Case(1.0, 1.0, 0.7, rp, vinf2**0.5 * units.SPEED, 1.0, 0.7)
    stars = (recorded / "sph.start1u", recorded / "sph.start2u")
    return collide(engine, tmp_path / name, case, stars, plan, lambda t: None)


@pytest.mark.parametrize("name", RUNS)
def test_a_recorded_run_becomes_its_row(code, starsmasher_dir, tmp_path, name):
    plan = Plan(separation=2.5, outputs=2.0, stop=SHORT)
    row = replay(code, starsmasher_dir, tmp_path, name, plan).result
    _, _, _, fate, masses = RUNS[name]
    assert row["fate"] == fate
    assert (row["m1_final"], row["m2_final"]) == pytest.approx(masses, abs=0.01)
    assert row["energy_error"] < 2e-3
    if name == "flyby":
        # Nothing is lost, and what the orbit loses heats the stars.
        assert (row["m1_final"], row["m2_final"]) == pytest.approx(masses, rel=1e-12)
        assert 0.9 * np.sqrt(2.0) < row["v_infinity"] / units.SPEED < np.sqrt(2.0)


def test_a_recorded_merger_is_to_go_on_for_as_long_as_the_paper_asks(
    code, starsmasher_dir, tmp_path
):
    # Its internal energy still changed by more than 1 % from one kept snapshot to the next at the
    # end of the record: the paper wants 30 more outputs.
    with pytest.raises(RunError, match=r"it ended at t = 30\.0281, should be tf = 60"):
        replay(code, starsmasher_dir, tmp_path, "merger", Plan(separation=2.5, outputs=5.0))


def test_a_recorded_relaxation_is_a_star(code, starsmasher_dir, tmp_path):
    write_twin(tmp_path / "profile.dat", polytrope(1.5, 1.0, 1.0))
    engine = StarSmasher(
        code,
        environment={"STANDIN_REPLAY": str(starsmasher_dir / "relax_star1")},
        relaxation=15.0,
    )
    state = relax(engine, tmp_path / "star", tmp_path / "profile.dat", Plan(), lambda t: None)
    assert state.result["n"] == 294
    assert 1e-4 < state.result["T/|W|"] < 2e-4
    recorded = (starsmasher_dir / "relax_star1" / "out0003.sph").read_bytes()
    assert (tmp_path / "star" / STAR).read_bytes() == recorded


def test_a_star_that_still_moves_is_refused(code, starsmasher_dir, tmp_path):
    write_twin(tmp_path / "profile.dat", polytrope(1.5, 1.0, 1.0))
    engine = StarSmasher(
        code,
        environment={"STANDIN_REPLAY": str(starsmasher_dir / "relax_star1")},
        relaxation=15.0,
    )
    strict = replace(Plan(), relaxed=1e-5)
    with pytest.raises(RunError, match=r"still moves: T / \|W\| = 0\.00017.*allowed: <= 1e-05"):
        relax(engine, tmp_path / "star", tmp_path / "profile.dat", strict, lambda t: None)
    assert not (tmp_path / "star" / STAR).exists()
