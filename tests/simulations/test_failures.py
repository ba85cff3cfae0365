"""Every way in which the code fails ends in a clear error, and none in a result."""

import struct
from dataclasses import replace

import pytest

from surrogate.simulations.engine import Orbit, RunError
from surrogate.simulations.runs import Case, Plan, collide
from surrogate.simulations.starsmasher.checks import check_inputs
from surrogate.simulations.starsmasher.engine import StarSmasher
from surrogate.simulations.starsmasher.inputs import read_settings
from surrogate.simulations.starsmasher.process import DiedError, Limits, launch
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot
from surrogate.simulations.starsmasher.success import check_success
from surrogate.simulations.state import Status, read_state
from surrogate.simulations.stopping import StopRule

MERGER = Case(age=1.0, m1=1.0, m2=0.7, rp=0.1, vinf=100.0, r1=0.9, r2=0.65)
PLAN = Plan(outputs=5.0, stop=StopRule(extension=5.0))
ONCE_ONLY = Limits(launches=1)


def silent(t):
    pass


@pytest.fixture
def engine(code):
    return StarSmasher(code, limits=ONCE_ONLY)


def faulty(engine, act, **more):
    return replace(engine, environment={"STANDIN_ACT": act, **more})


# What the code does of itself, halfway

FAULTS = {
    "gam1": "time step was too large",
    "ranks": "at least two",
    "quiet": "the log does not tell the end",
    "early": "it ended at t = ",
    "disk": "No space left on device",
    "kill": "ended by signal 9",
    "segfault": "ended by signal 11",
    "nan": "NaN",
    "lose": r"number of particles = \[119, 120\]",
}


@pytest.mark.parametrize("act", FAULTS)
def test_a_failure_is_told_and_gives_no_result(tmp_path, toy_stars, engine, act):
    run = tmp_path / "run"
    with pytest.raises(RunError, match=FAULTS[act]) as error:
        collide(faulty(engine, act), run, MERGER, toy_stars, PLAN, silent)
    state = read_state(run)
    assert state.status is Status.FAILED
    assert state.result == {}
    assert state.reason == str(error.value)
    assert "--- the end of log0.sph:\n" in state.reason
    assert "duout: writing file out" in state.reason


def test_a_last_snapshot_that_was_cut_short_is_a_failure(tmp_path, toy_stars, engine):
    broken = faulty(engine, "truncate", STANDIN_AT="last")
    with pytest.raises(RunError, match=r"cut short"):
        collide(broken, tmp_path / "run", MERGER, toy_stars, PLAN, silent)


def test_a_process_that_hangs_is_ended(tmp_path, toy_stars, engine, monkeypatch):
    monkeypatch.setattr("surrogate.simulations.starsmasher.process.GRACE", 0.5)
    hung = replace(faulty(engine, "hang"), limits=Limits(stall=1.0, launches=1))
    with pytest.raises(RunError, match="no output for 1 s"):
        collide(hung, tmp_path / "run", MERGER, toy_stars, PLAN, silent)


def test_a_process_that_takes_too_long_is_ended(tmp_path, toy_stars, engine):
    slow = replace(engine, environment={"STANDIN_SLEEP": "0.5"}, limits=Limits(wall=1.0))
    with pytest.raises(RunError, match="not ready within 1 s"):
        collide(slow, tmp_path / "run", MERGER, toy_stars, PLAN, silent)


def test_a_command_that_does_not_exist(tmp_path, toy_stars, engine):
    missing = replace(engine, command=("no-such-code",))
    with pytest.raises(RunError, match=r"exit status 127(.|\n)*no-such-code"):
        collide(missing, tmp_path / "run", MERGER, toy_stars, PLAN, silent)


# What it makes of bad inputs: each is refused before launch, and told if it gets that far


def lose(folder, name):
    (folder / name).unlink()


def edit(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def cut(folder, name):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-100])


def spoil(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[176:184] = struct.pack("<d", float("nan"))
    (folder / name).write_bytes(data)


def unset(folder, name):
    path = folder / "sph.input"
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith(f"{name}=")]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept))


BAD_INPUTS = {
    "no sph.input": (lambda f: lose(f, "sph.input"), "error reading", "sph.input: is missing"),
    "no sph.init": (lambda f: lose(f, "sph.init"), "error reading", "sph.init: is missing"),
    "unknown INAME": (lambda f: edit(f, "sph.init", "hyp", "hip"), "the end", "INAME = 'hip'"),
    "rp unset": (lambda f: unset(f, "rp"), "the end", "rp is unset"),
    "no start1": (lambda f: lose(f, "sph.start1u"), "End of file", "sph.start1u: is missing"),
    "no start2": (lambda f: lose(f, "sph.start2u"), r"particles = \[61\]", "sph.start2u: is miss"),
    "cut start1": (lambda f: cut(f, "sph.start1u"), "Backtrace", "cut short"),
    "cut start2": (lambda f: cut(f, "sph.start2u"), "Backtrace", "cut short"),
    "unknown name": (
        lambda f: edit(f, "sph.input", "alpha", "alfa"),
        "Cannot match namelist object name alfa",
        "alfa is unknown to StarSmasher, did you mean alpha",
    ),
    "NaN": (lambda f: spoil(f, "sph.start1u"), "ended by signal 11", "NaN"),
}


@pytest.fixture
def ready(tmp_path, toy_stars, engine):
    folder = tmp_path / "run"
    engine.start_collision(folder, toy_stars, Orbit(0.1, 0.05, 8.0, 1.0))
    return folder


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_inputs_are_refused_before_launch(ready, engine, case):
    damage, _, refusal = BAD_INPUTS[case]
    damage(ready)
    with pytest.raises((ValueError, OSError), match=refusal):
        check_inputs(ready)
    with pytest.raises((ValueError, OSError)):
        engine.advance(ready, 3.0, silent)
    assert not (ready / "stdout.txt").exists()


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_inputs_that_were_launched_are_no_success(ready, code, case):
    damage, told, _ = BAD_INPUTS[case]
    damage(ready)
    status = launch(code, ready, {}, ONCE_ONLY, lambda: None, lambda: False)
    with pytest.raises(RunError, match=told):
        check_success(ready, status, 1.0, 120)


# What is worth another launch


@pytest.mark.slow
@pytest.mark.parametrize("act", ["kill", "hang", "segfault"])
def test_a_process_that_dies_is_launched_again_from_its_last_snapshot(
    tmp_path, toy_stars, engine, act, monkeypatch
):
    monkeypatch.setattr("surrogate.simulations.starsmasher.process.GRACE", 0.3)
    whole = collide(engine, tmp_path / "whole", MERGER, toy_stars, PLAN, silent)
    again = replace(
        faulty(engine, act, STANDIN_AT="6", STANDIN_ONCE=str(tmp_path / "acted")),
        limits=Limits(stall=1.0, launches=2),
    )
    found = collide(again, tmp_path / "run", MERGER, toy_stars, PLAN, silent)
    assert (tmp_path / "acted").exists()
    assert found.result == whole.result
    # The first launch's log and energies are kept, out of the way of the second's.
    assert (tmp_path / "run" / "earlier" / "00" / "log0.sph").exists()
    steps = (tmp_path / "run" / "stdout.txt").read_text().splitlines()
    assert "t=   0.00" not in steps[0]


def test_a_process_that_dies_in_the_same_place_is_given_up(tmp_path, toy_stars, engine):
    stuck = replace(faulty(engine, "kill", STANDIN_AT="0"), limits=Limits(launches=50))
    with pytest.raises(RunError, match="ended by signal 9"):
        collide(stuck, tmp_path / "run", MERGER, toy_stars, PLAN, silent)


@pytest.mark.slow
def test_a_failed_run_goes_on_once_its_cause_is_mended(tmp_path, toy_stars, engine):
    whole = collide(engine, tmp_path / "whole", MERGER, toy_stars, PLAN, silent)
    run = tmp_path / "run"
    for act in ("disk", "nan", "truncate"):
        with pytest.raises(RunError):
            collide(faulty(engine, act, STANDIN_AT="5"), run, MERGER, toy_stars, PLAN, silent)
    assert collide(engine, run, MERGER, toy_stars, PLAN, silent).result == whole.result
    for path in find_snapshots(run):
        read_snapshot(path)


def test_a_failed_run_goes_on_with_the_settings_of_today(tmp_path, toy_stars, engine):
    run = tmp_path / "run"
    with pytest.raises(RunError):
        collide(faulty(engine, "gam1", STANDIN_AT="5"), run, MERGER, toy_stars, PLAN, silent)
    mended = replace(engine, collision={"cn1": 0.3})
    collide(mended, run, MERGER, toy_stars, PLAN, silent)
    assert read_settings(run).cn1 == 0.3
    assert "duout: writing file out0000.sph" not in (run / "log0.sph").read_text()


def test_a_run_does_not_go_on_with_other_stars(tmp_path, toy_stars, engine):
    run = tmp_path / "run"
    with pytest.raises(RunError):
        collide(faulty(engine, "gam1", STANDIN_AT="5"), run, MERGER, toy_stars, PLAN, silent)
    with pytest.raises(ValueError, match="was begun with another star"):
        collide(engine, run, MERGER, toy_stars[::-1], PLAN, silent)


def test_what_is_done_is_not_done_again(tmp_path, toy_stars, engine):
    first = collide(engine, tmp_path / "run", MERGER, toy_stars, PLAN, silent)
    never = replace(engine, command=("no-such-code",))
    again = collide(never, tmp_path / "run", MERGER, toy_stars, PLAN, silent)
    assert again.status is Status.DONE
    assert again.updated == first.updated


def test_a_driver_that_was_killed_before_it_could_look_launches_nothing(
    tmp_path, toy_stars, engine
):
    run = tmp_path / "run"
    collide(engine, run, MERGER, toy_stars, PLAN, silent)
    state = (run / "run.json").read_text()
    (run / "run.json").write_text(state.replace('"done"', '"running"'))
    launched = (run / "stdout.txt").stat().st_mtime_ns
    assert collide(engine, run, MERGER, toy_stars, PLAN, silent).status is Status.DONE
    assert (run / "stdout.txt").stat().st_mtime_ns == launched


def test_a_killed_process_is_worth_another_try(ready, engine):
    with pytest.raises(DiedError, match="signal 9"):
        check_success(ready, 137, 1.0, 120)
