"""A campaign from plan to rows, and all that may befall it."""

import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import h5py
import numpy as np
import pytest

from surrogate.collisions.encounter import Fate
from surrogate.collisions.hdf5 import read_hdf5, read_source
from surrogate.simulations import campaign as campaigns
from surrogate.simulations import state as states_module
from surrogate.simulations.campaign import Campaign, forget_failures
from surrogate.simulations.collect import collect
from surrogate.simulations.design import make_design
from surrogate.simulations.driver import run
from surrogate.simulations.lock import BusyError, only_driver
from surrogate.simulations.state import Status

CONFIG = """\
command = {command}
[environment]
{environment}
[star]
n = 200
[limits]
stall = {stall}
launches = 1
[plan]
outputs = 5.0
[stop]
extension = 5.0
[executor]
jobs = 2
"""
RP = (0.1, 0.1, 0.05, 0.9)
VINF = (100.0, 2000.0, 8000.0, 1000.0)
FATES = (Fate.MERGER, Fate.STRIPPED, Fate.NONE, Fate.TWO)


def configure(folder, code, stall=20.0, **environment):
    told = "\n".join(f'{key} = "{value}"' for key, value in environment.items())
    command = "[" + ", ".join(f'"{word}"' for word in code) + "]"
    text = CONFIG.format(command=command, environment=told, stall=stall)
    (folder / "campaign.toml").write_text(text)
    return Campaign(folder)


@pytest.fixture
def campaign(tmp_path, code):
    """Four collisions of two stars, one of each fate."""
    folder = tmp_path / "campaign"
    campaigns.plan(folder, make_design(1.0, 1.0, 0.7, RP, VINF))
    return configure(folder, code)


def drive(campaign, jobs=2):
    with ThreadPoolExecutor(jobs) as pool:
        return run(campaign, pool)


def rows_of(campaign):
    """All that the file of rows holds, but for the time that it took."""
    path = campaign.folder / "rows.h5"
    collect(campaign, path)
    with h5py.File(path) as file:
        rows = {name: np.asarray(file[name]) for name in file if name != "runs"}
        return rows | {f"runs/{name}": np.asarray(file["runs"][name]) for name in file["runs"]}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, code):
    """Rows of the same campaign, if nothing befalls it."""
    folder = tmp_path_factory.mktemp("undisturbed") / "campaign"
    campaigns.plan(folder, make_design(1.0, 1.0, 0.7, RP, VINF))
    campaign = configure(folder, code)
    drive(campaign)
    return rows_of(campaign)


def assert_same(campaign, undisturbed):
    rows = rows_of(campaign)
    assert rows.keys() == undisturbed.keys()
    for name, column in undisturbed.items():
        if name != "runs/made_by":  # the configurations differ
            np.testing.assert_array_equal(rows[name], column, err_msg=name)


# Without trouble


def test_a_campaign_makes_one_row_of_each_run(campaign):
    heard = []
    with ThreadPoolExecutor(2) as pool:
        states = run(campaign, pool, lambda states: heard.append(dict(states)))
    assert [state.status for state in states.values()] == [Status.DONE] * 4
    assert list(states) == campaign.design.names()
    assert heard

    assert collect(campaign, campaign.folder / "rows.h5") == (4, 0)
    grid = read_hdf5(campaign.folder / "rows.h5")
    np.testing.assert_array_equal(grid.fate, FATES)
    np.testing.assert_array_equal(grid.rp, RP)
    np.testing.assert_allclose(grid.m1_final, [1.6, 0.9, 0.0, 0.9], rtol=1e-12)
    np.testing.assert_allclose(grid.m2_final, [0.0, 0.0, 0.0, 0.7], rtol=1e-12)
    assert '"code": "StarSmasher"' in read_source(campaign.folder / "rows.h5")
    with h5py.File(campaign.folder / "rows.h5") as file:
        runs = file["runs"]
        assert runs["name"].asstr()[:].tolist() == campaign.design.names()
        assert runs["v1"].shape == (4, 3)
        assert np.isnan(runs["v_infinity"][:3]).all()
        assert runs["v_infinity"][3] > 0
        assert runs["n1"][0] == 380


@pytest.mark.slow
def test_stars_are_relaxed_once_and_shared(campaign):
    drive(campaign)
    stars = sorted((campaign.folder / "stars").iterdir())
    assert len(stars) == 2
    made = [(star / "star.sph").stat().st_mtime_ns for star in stars]
    for folder in (campaign.run_folder(name) for name in campaign.design.names()):
        assert (folder / "sph.start1u").read_bytes() in [
            (star / "star.sph").read_bytes() for star in stars
        ]
    campaigns.plan(campaign.folder, make_design(1.0, 0.7, 0.7, 0.2, 100.0))
    again = Campaign(campaign.folder)
    assert len(again.design) == 5
    assert all(s.status is Status.DONE for s in drive(again).values())
    assert [(star / "star.sph").stat().st_mtime_ns for star in stars] == made


def test_other_settings_make_other_stars(campaign):
    wanted = {(1.0, 1.0)}
    before = campaigns.find_stars(campaign, wanted)
    text = (campaign.folder / "campaign.toml").read_text()
    (campaign.folder / "campaign.toml").write_text(text.replace("n = 200", "n = 300"))
    after = campaigns.find_stars(Campaign(campaign.folder), wanted)
    assert before[1.0, 1.0].key != after[1.0, 1.0].key
    assert before[1.0, 1.0].radius == after[1.0, 1.0].radius


@pytest.mark.slow
def test_a_finished_campaign_runs_nothing(campaign, undisturbed):
    drive(campaign)
    configure(campaign.folder, ("no-such-code",))
    drive(Campaign(campaign.folder))
    assert_same(campaign, undisturbed)


def test_what_is_planned_already_is_not_added_again(campaign):
    before = (campaign.folder / "campaign.toml").read_text()
    design = make_design(1.0, 1.0, 0.7, (*RP, 0.3), (*VINF, 100.0))
    assert len(campaigns.plan(campaign.folder, design).design) == 5
    assert (campaign.folder / "campaign.toml").read_text() == before


# Trouble


def test_what_a_killed_driver_left_behind_is_no_star(campaign):
    (campaign.folder / "stars").mkdir()
    (campaign.folder / "stars" / ".profile.dat").write_text("half a pro")
    assert forget_failures(campaign) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"STANDIN_ACT": "nan", "STANDIN_AT": "9"},
        {"STANDIN_ACT": "disk", "STANDIN_AT": "4"},
        {"STANDIN_ACT": "truncate", "STANDIN_AT": "last"},
        {"STANDIN_ACT": "hang", "STANDIN_AT": "7", "stall": 1.0},
    ],
    ids=lambda fault: fault["STANDIN_ACT"],
)
def test_a_failed_run_is_no_row_until_it_is_tried_again(
    campaign, code, undisturbed, fault, monkeypatch
):
    monkeypatch.setattr("surrogate.simulations.starsmasher.process.GRACE", 0.3)
    broken = configure(campaign.folder, code, **fault)
    states = drive(broken)
    assert [s.status for s in states.values()] == [Status.FAILED] * 4
    assert collect(broken, broken.folder / "rows.h5") == (0, 4)

    configure(campaign.folder, code)
    mended = Campaign(campaign.folder)
    assert [s.status for s in drive(mended).values()] == [Status.FAILED] * 4
    assert forget_failures(mended) > 0
    assert [s.status for s in drive(mended).values()] == [Status.DONE] * 4
    assert_same(mended, undisturbed)


def test_collisions_whose_star_failed_have_failed(campaign, code):
    configure(campaign.folder, code, STANDIN_ACT="gam1", STANDIN_AT="1")
    states = drive(Campaign(campaign.folder))
    assert {s.status for s in states.values()} == {Status.FAILED}
    assert all("its star" in s.reason and "time step" in s.reason for s in states.values())


def test_a_disk_that_is_full_for_a_while(campaign, undisturbed, monkeypatch):
    whole, calls = states_module.write_json, []

    def sometimes(path, values):
        calls.append(path)
        if len(calls) % 3 == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        whole(path, values)

    monkeypatch.setattr(states_module, "write_json", sometimes)
    states = drive(campaign)
    assert {s.status for s in states.values()} != {Status.DONE}
    monkeypatch.setattr(states_module, "write_json", whole)
    forget_failures(campaign)
    assert {s.status for s in drive(campaign).values()} == {Status.DONE}
    assert_same(campaign, undisturbed)


def test_a_campaign_has_one_driver(campaign):
    with only_driver(campaign.folder), pytest.raises(BusyError):
        drive(campaign)


@pytest.mark.slow
def test_a_run_that_another_driver_holds_is_waited_for(campaign, undisturbed, monkeypatch):
    monkeypatch.setattr(campaigns, "AGAIN", 0.1)
    held = campaign.run_folder(campaign.design.names()[0])
    held.mkdir(parents=True)
    with ThreadPoolExecutor(1) as other:
        with only_driver(held):
            waiting = other.submit(drive, campaign)
            time.sleep(1.0)
            assert not waiting.done()
        waiting.result(60)
    assert_same(campaign, undisturbed)


class Loses:
    """A pool whose worker dies with the third thing it is given, as Parsl tells it."""

    def __init__(self, pool):
        self.pool, self.count = pool, 0

    def submit(self, task, *on):
        self.count += 1
        if self.count == 3:
            return self.pool.submit(os.strerror, "the worker was lost")
        return self.pool.submit(task, *on)


@pytest.mark.slow
def test_a_lost_worker_costs_its_run_alone(campaign, undisturbed):
    with ThreadPoolExecutor(2) as pool:
        states = run(campaign, Loses(pool))
    lost = [s for s in states.values() if s.status is not Status.DONE]
    assert len(lost) == 1
    assert "its worker was lost" in lost[0].reason
    drive(campaign)
    assert_same(campaign, undisturbed)


@pytest.mark.slow
def test_killed_worker_processes(campaign, undisturbed):
    slow = configure(campaign.folder, campaign.configuration.engine.command, STANDIN_SLEEP="0.2")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:

        def kill(states):
            if any(s.status is Status.RUNNING for s in states.values()):
                for process in list(pool._processes.values()):
                    process.kill()

        states = run(slow, pool, kill)
    assert any(s.status is Status.STOPPED for s in states.values())
    again = configure(campaign.folder, campaign.configuration.engine.command)
    forget_failures(again)
    drive(again)
    assert_same(again, undisturbed)


# The command


def command(campaign, *words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "surrogate.cli", "campaign", *words, str(campaign.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def processes_in(folder):
    """Numbers of the processes that run in a folder or below it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if folder in [entry.readlink(), *entry.readlink().parents]:
                found.append(int(entry.parent.name))
        except OSError:
            pass
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_the_runs_and_nothing_is_lost(campaign, code, undisturbed, sent):
    configure(campaign.folder, code, STANDIN_SLEEP="0.3")
    process = command(campaign, "run")
    wait_until(lambda: list(campaign.folder.glob("runs/*/out0001.sph")))
    process.send_signal(sent)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "goes on from there" in said
    assert processes_in(campaign.folder) == []
    states = Campaign(campaign.folder).states().values()
    assert Status.RUNNING not in {s.status for s in states}

    configure(campaign.folder, code)
    process = command(campaign, "run")
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert "4 rows; 0 collisions are not done" in said
    assert_same(campaign, undisturbed)


@pytest.mark.slow
def test_a_driver_killed_at_ten_random_moments(campaign, code, undisturbed):
    configure(campaign.folder, code, STANDIN_SLEEP="0.05")
    random = np.random.default_rng(5)
    for _ in range(10):
        process = command(campaign, "retry", start_new_session=True)
        try:
            process.wait(float(random.uniform(1.0, 7.0)))
        except subprocess.TimeoutExpired:
            process.kill()  # the driver alone; its simulations go on without it
        process.communicate()
    process = command(campaign, "retry")
    said = process.communicate(timeout=300)[0]
    assert process.returncode == 0, said
    assert_same(campaign, undisturbed)
    assert processes_in(campaign.folder) == []


@pytest.mark.slow
def test_two_drivers_at_once(campaign, code, undisturbed):
    configure(campaign.folder, code, STANDIN_SLEEP="0.25")
    both = [command(campaign, "run") for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert sorted(process.returncode for process in both) == [0, 2], said
    assert sum("another driver is at work there" in text for text in said) == 1
    assert_same(campaign, undisturbed)


@pytest.mark.slow
def test_a_failure_has_its_exit_code_and_its_reason(campaign, code):
    configure(campaign.folder, code, STANDIN_ACT="gam1")
    process = command(campaign, "run")
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 1
    assert "4 collisions are not done" in said
    process = command(campaign, "status", "--failed")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert said.count("time step was too large") == 4
