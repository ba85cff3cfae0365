"""`surrogate simulate`: what it refuses, and what it leaves behind however it ends."""

import signal
import subprocess
import sys
import time

import pytest

CASE = ("--age", "1", "--m1", "0.5", "--m2", "0.5", "--rp", "0.2", "--vinf", "1000")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--m1", "101"), "m1 = 101: allowed is 0.1 to 100 Msun"),
        (("--m1", "-1"), "m1"),
        (("--rp", "-1"), "rp"),
        (("--vinf", "nan"), "vinf"),
        (("--age", "12", "--m1", "5"), "age = 12.0 Gyr, allowed for a star of 5.0 Msun"),
        (("-n", "5"), "100"),
        (("--model", "best"), "best"),
    ],
)
def test_what_is_refused(run, tmp_path, options, said):
    found = run("simulate", *CASE, *options, "-o", tmp_path / "run", columns=200)
    assert found.exit_code == 2
    assert said in found.output
    assert not list(tmp_path.rglob("*.sph"))


def start(folder):
    command = (sys.executable, "-m", "surrogate.cli", "simulate", *CASE, "-n", "100")
    return subprocess.Popen([*command, "-o", str(folder)], stderr=subprocess.PIPE)


def wait_for(process, path):
    for _ in range(3000):
        if path.exists():
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    raise AssertionError(f"no {path}")


@pytest.mark.slow
def test_killed_and_interrupted_it_goes_on(tmp_path, run):
    folder = tmp_path / "run"
    process = start(folder)
    wait_for(process, folder / "out0003.sph")
    process.kill()
    process.wait()
    before = {path: path.read_bytes() for path in sorted(folder.glob("out*.sph"))[:-1]}
    assert len(before) >= 3

    process = start(folder)
    wait_for(process, folder / "out0007.sph")
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    assert process.returncode == 130
    assert "the same command goes on" in said
    assert before == {path: path.read_bytes() for path in before}

    another = [*CASE[:-1], "900"]
    found = run("simulate", *another, "-n", "100", "-o", folder)
    assert found.exit_code == 2
    assert "holds another collision" in found.output
    found = run("simulate", *CASE, "-n", "150", "-o", folder, columns=200)
    assert found.exit_code == 2
    assert "particles = 100" in found.output


@pytest.mark.slow
def test_from_conditions_to_a_table_and_pictures(run, tmp_path):
    folder = tmp_path / "run"
    found = run("simulate", *CASE, "-n", "100", "-o", folder)
    assert found.exit_code == 0, found.output
    assert "simulated" in found.output
    assert "both stars survive" in found.output
    assert len(list((folder / "pictures").iterdir())) == 4
    again = run("simulate", *CASE, "-n", "100", "-o", folder, "--no-pictures")
    assert again.exit_code == 0
    table = [line for line in found.output.splitlines() if "Msun" in line and "bound" not in line]
    assert all(line in again.output for line in table)


@pytest.mark.slow
def test_a_run_that_fails_says_why(run, tmp_path):
    folder = tmp_path / "run"
    found = run("simulate", *CASE[:-1], "10", "-n", "100", "--longest", "30", "-o", folder)
    assert found.exit_code == 2
    assert "Raise stop.longest" in found.output.replace("\n", " ")
