"""One driver at a time in a folder, and no orphans."""

import os
import signal
import subprocess
import sys
import time

import pytest

from surrogate.simulations import lock
from surrogate.simulations.lock import BusyError, is_held, only_code, only_driver

HOLD = """
import sys, time
from pathlib import Path
from surrogate.simulations.lock import only_driver
with only_driver(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_folder_has_one_driver(tmp_path):
    assert not is_held(tmp_path)
    with only_driver(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(BusyError, match="another driver is at work"), only_driver(tmp_path):
            pass
    with only_driver(tmp_path):
        pass


def test_a_killed_driver_lets_go(tmp_path):
    process = holder(tmp_path)
    with pytest.raises(BusyError), only_driver(tmp_path):
        pass
    process.kill()
    process.wait()
    assert not is_held(tmp_path)
    with only_driver(tmp_path):
        pass


def orphan(folder, script):
    """A code whose driver is gone: it alone keeps the lock."""
    with only_code(folder) as right:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"echo $$ > {lock.LEADER}; {script}"],
            cwd=folder,
            pass_fds=(right,),
            start_new_session=True,
        )
        while not (folder / lock.LEADER).exists():
            time.sleep(0.01)
    return process


@pytest.mark.parametrize("script", ["sleep 60", "trap '' TERM; sleep 60 & wait; sleep 60"])
def test_an_orphan_is_ended_before_another_code_begins(tmp_path, monkeypatch, script):
    monkeypatch.setattr(lock, "GRACE", 0.5)
    process = orphan(tmp_path, script)
    with only_code(tmp_path):
        assert process.wait(5) in (-signal.SIGTERM, -signal.SIGKILL)


def test_an_orphan_that_cannot_be_found_keeps_others_out(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "GRACE", 0.2)
    process = orphan(tmp_path, "sleep 60")
    (tmp_path / lock.LEADER).unlink()
    with pytest.raises(BusyError, match="processes of an earlier driver"), only_code(tmp_path):
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with only_code(tmp_path):
        pass
