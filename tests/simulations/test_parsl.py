"""Campaigns on Parsl's workers, as on a cluster."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from surrogate.simulations import campaign as campaigns
from surrogate.simulations.campaign import Campaign, forget_failures
from surrogate.simulations.collect import collect
from surrogate.simulations.configuration import Choice
from surrogate.simulations.design import make_design
from surrogate.simulations.driver import run
from surrogate.simulations.executors import make_executor
from surrogate.simulations.state import Status

pytest.importorskip("parsl", reason="needs Parsl: pip install 'stellar-surrogate[parsl]'")

PARSL = """
from parsl import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

config = Config(
    executors=[
        HighThroughputExecutor(
            label="here",
            address="127.0.0.1",
            max_workers_per_node=2,
            provider=LocalProvider(max_blocks=1, worker_init="export JAX_PLATFORMS=cpu"),
        )
    ],
    run_dir={run_dir!r},
)
"""
CAMPAIGN = """
command = ["{python}", "{standin}"]
[environment]
STANDIN_SLEEP = "{sleep}"
[star]
n = 200
[plan]
outputs = 5.0
[stop]
extension = 5.0
[executor]
kind = "parsl"
config = "parsl_config.py"
"""


def configure(folder, code, sleep):
    python, standin = code
    text = CAMPAIGN.format(python=python, standin=standin, sleep=sleep)
    (folder / "campaign.toml").write_text(text)
    return Campaign(folder)


@pytest.fixture
def campaign(tmp_path, code, monkeypatch):
    """Two collisions, for workers that are launched by name."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "campaign"
    campaigns.plan(folder, make_design(1.0, 1.0, 0.7, (0.1, 0.9), (100.0, 1000.0)))
    (folder / "parsl_config.py").write_text(PARSL.format(run_dir=str(tmp_path / "parsl")))
    return configure(folder, code, 0)


def drive(campaign, watch=lambda states: None):
    setup = campaign.configuration
    with make_executor(setup.executor, setup.engine.command, campaign.folder) as executor:
        return run(campaign, executor, watch)


def workers_at_work(folder):
    """Processes that have launched simulations below a folder."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if folder in (entry / "cwd").readlink().parents:
                said = (entry / "stat").read_text()
                parents[int(entry.name)] = int(said.rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    return set(parents.values()) - set(parents) - {os.getpid(), 1}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc")
def test_a_campaign_on_workers_of_which_one_is_killed(campaign, code):
    killed = []

    def kill(states):
        running = [s for s in states.values() if s.status is Status.RUNNING and s.t > 0]
        if running and not killed:
            for worker in workers_at_work(campaign.folder):
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)

    states = drive(configure(campaign.folder, code, 0.3), kill)
    assert killed
    assert Status.STOPPED in {state.status for state in states.values()}

    again = configure(campaign.folder, code, 0)
    forget_failures(again)
    states = drive(again)
    assert {state.status for state in states.values()} == {Status.DONE}, states
    assert collect(again, again.folder / "rows.h5") == (2, 0)
    np.testing.assert_array_equal([s.result["fate"] for s in states.values()], [1, 2])


def test_a_file_without_a_configuration_is_refused(tmp_path):
    (tmp_path / "parsl_config.py").write_text("config = 3")
    with pytest.raises(ValueError, match=r"config = 3, allowed: a parsl\.Config"):
        make_executor(Choice("parsl", config="parsl_config.py"), ("code",), tmp_path)
