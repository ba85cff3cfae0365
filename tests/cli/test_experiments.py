"""`surrogate experiments`, on a folder of tiny scripts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

import surrogate
from surrogate.cli import experiments
from surrogate.collisions.download import PUBLIC_FILES

SCRIPT = '''"""{title}

What it is about. Needs: in the middle of a line is none.

{needs}
"""

import json, sys, time
from pathlib import Path


def main():
    out = Path(sys.argv[sys.argv.index("--out") + 1])
    with (out / "runs.txt").open("a") as file:
        file.write(json.dumps([Path(__file__).stem, *sys.argv[1:]]) + "\\n")
    {body}


if __name__ == "__main__":
    main()
'''
NEEDS = "Needs: the grid,\n    and minutes."


@pytest.fixture
def write(tmp_path):
    """Writes a script."""
    (tmp_path / "scripts" / "stars").mkdir(parents=True)

    def script(name, body="pass", title="A [red] title", needs=NEEDS, topic="stars"):
        text = SCRIPT.format(title=title, needs=needs, body=body)
        folder = tmp_path / "scripts" / topic
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(text)

    return script


@pytest.fixture
def cli(run, write, tmp_path, monkeypatch):
    """Runs `surrogate experiments`; with it come the runs that scripts took down."""
    monkeypatch.setattr(experiments, "scripts_folder", lambda: tmp_path / "scripts")

    def invoke(*args, columns=100):
        result = run("experiments", *args, columns=columns)
        return result, runs(tmp_path)

    return invoke


def runs(folder):
    file = folder / "runs.txt"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def cells(text, name):
    """The row of a table that begins with a name."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    (found,) = (row for row in rows if row[:1] == [name])
    return found


def test_list(cli, write, tmp_path):
    write("table_1")
    write("helper", needs="It is no experiment.")
    write("figure_2", needs="Needs: nothing", body="raise SystemExit('is not run')")
    (tmp_path / "scripts" / "stars" / "bare.py").write_text("import nowhere_to_be_found\n")
    result, _ = cli("list")
    assert result.exit_code == 0, result.output
    said = ["stars", "A [red] title", "the grid, and minutes."]
    assert cells(result.stdout, "table_1")[1:] == said
    assert cells(result.stdout, "figure_2")[3] == "nothing"
    assert "helper" not in result.stdout
    assert "bare" not in result.stdout


def test_natural_order(write, tmp_path):
    names = ["table_2", "table_10", "table_10b", "figure_1", "figure_12", "appendix", "tams"]
    for name in sorted([*names, "page"]):
        write(name)
    found = experiments.find_experiments(tmp_path / "scripts")
    assert [e.name for e in found] == [*names, "page"]


def test_run_all_in_order(cli, write, tmp_path):
    for name in ("page", "figure_1", "table_10", "table_2"):
        write(name)
    result, ran = cli("run", "all", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert [name for name, *_ in ran] == ["table_2", "table_10", "figure_1", "page"]
    options = ["--quick", "--out", str(tmp_path), "--jobs", "-1", "--rows", "validation"]
    options += ["--seeds", "10"]
    assert all(given == options for _, *given in ran)
    assert "─ table_2: A [red] title ─" in result.stdout
    name, state, seconds = cells(result.stdout, "table_10")
    assert state == "done"
    assert float(seconds) >= 0


def test_chosen_ones_run_once_with_their_options(cli, write, tmp_path):
    for name in ("table_1", "table_2", "figure_1"):
        write(name)
    (tmp_path / "sph_grid").mkdir()
    for name in PUBLIC_FILES:
        (tmp_path / "sph_grid" / name).touch()
    options = ("--full", "--data", tmp_path, "--out", tmp_path, "--jobs", 3, "--rows", "test")
    options += ("--seeds", 2, "--finished")
    result, ran = cli("run", "figure_1", "table_1", "figure_1", *options)
    assert result.exit_code == 0, result.output
    given = [str(option) for option in options]
    given[2] = str(tmp_path / "sph_grid")  # where the files are
    assert ran == [["table_1", *given], ["figure_1", *given]]


def test_a_failure_does_not_stop_the_others(cli, write, tmp_path):
    write("table_1", "sys.exit(3)")
    write("table_2", "raise OSError('no space')")
    write("table_3")
    result, ran = cli("run", "all", "--out", tmp_path)
    assert result.exit_code == 1
    assert len(ran) == 3
    states = {name: cells(result.stdout, name)[1] for name, *_ in ran}
    assert states == {"table_1": "failed", "table_2": "failed", "table_3": "done"}
    assert "surrogate: table_1 failed with exit code 3" in result.stderr
    assert "table_3 failed" not in result.stderr


def test_a_script_that_was_interrupted_ends_the_run(cli, write, tmp_path):
    write("table_1", "sys.exit(130)")
    write("table_2")
    result, ran = cli("run", "all", "--out", tmp_path)
    assert result.exit_code == 130
    assert len(ran) == 1
    assert cells(result.stdout, "table_1")[1] == "interrupted"
    assert cells(result.stdout, "table_2")[1:] == ["not run", ""]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ("tabel_1",),
            "experiment = 'tabel_1': did you mean table_1? allowed are table_1, stars, all",
        ),
        (("xyz", "table_1"), "experiment = 'xyz': allowed are table_1, stars, all"),
        (("all", "--quick", "--full"), "--quick and --full: give one of them"),
        (("all", "--jobs", "0"), "--jobs = 0, allowed: -1"),
        (("all", "--rows", "train"), "'validation', 'test'"),
        (("all", "--data", "nowhere"), "nowhere does not exist"),
        (("all", "--data", __file__), "is a file, allowed: a folder"),
        (("all", "--out", __file__), "is a file"),
        ((), "Missing argument"),
    ],
)
def test_wrong_input(cli, write, args, words):
    write("table_1", "sys.exit('was run')")
    result, ran = cli("run", *args, columns=200)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not ran


def test_missing_packages(cli, write, tmp_path, monkeypatch):
    write("table_1")
    found = {"optuna": None}
    monkeypatch.setattr(experiments, "find_spec", lambda name: found.get(name, find_spec("json")))
    result, ran = cli("run", "all", "--out", tmp_path)
    assert result.exit_code == 2
    assert "need optuna, not installed" in result.stderr
    assert "pip install 'stellar-surrogate[experiments]'" in result.stderr
    assert not ran


def test_a_topic_stands_for_its_scripts(cli, write, tmp_path):
    for topic, name in (("flares", "table_3"), ("stars", "table_2"), ("stars", "table_1")):
        write(name, topic=topic)
    result, ran = cli("run", "stars", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert [name for name, *_ in ran] == ["table_1", "table_2"]


def test_no_scripts_and_no_python(cli, tmp_path):
    result, _ = cli("list")
    assert result.exit_code == 2
    assert "holds no experiments" in result.stderr
    (tmp_path / "scripts" / "stars" / "half.py").write_text("def main(:\n")
    result, _ = cli("list")
    assert result.exit_code == 2
    assert "half.py is no Python script" in result.stderr


def test_scripts_are_shipped():
    assert (experiments.scripts_folder() / "collisions" / "label_noise.py").is_file()


@pytest.mark.skipif(os.name == "nt", reason="needs process groups")
@pytest.mark.parametrize("stubborn", [False, True])
def test_ctrl_c_waits_for_the_script(write, tmp_path, stubborn):
    cleanup = "(out / 'cleaned').touch(); raise"
    sleep = "(out / 'begun').touch(); time.sleep(300)"
    write("table_0")
    if stubborn:  # only a second Ctrl-C ends it
        write("table_1", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {sleep}")
    else:
        body = f"try: {sleep}\n    except KeyboardInterrupt: time.sleep(1); {cleanup}"
        write("table_1", body)
    write("table_2")
    process = start_in_group(tmp_path)
    wait_until((tmp_path / "begun").exists)
    os.killpg(process.pid, signal.SIGINT)
    if stubborn:
        assert "Ctrl-C again kills it" in process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted. The same command goes on from there." in err
    states = [cells(out, f"table_{k}")[1] for k in range(3)]
    assert states == ["done", "interrupted", "not run"]
    assert (tmp_path / "cleaned").exists() != stubborn
    assert [name for name, *_ in runs(tmp_path)] == ["table_0", "table_1"]


def test_a_second_ctrl_c_while_the_first_is_told_kills(write, tmp_path, monkeypatch):
    write("table_1", "time.sleep(300)")
    script = experiments.find_experiments(tmp_path / "scripts")[0]
    wait, children = subprocess.Popen.wait, []

    def interrupted(child):
        if not children:
            children.append(child)
            raise KeyboardInterrupt
        return wait(child, timeout=60)

    def again(text):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    monkeypatch.setattr(experiments, "say", again)
    code, stopped = experiments._run(script, ["--out", str(tmp_path)])
    assert stopped
    assert code == -signal.SIGKILL == children[0].returncode


def start_in_group(folder):
    """`surrogate experiments run all` as the leader of a process group, as in a terminal."""
    code = (
        "from pathlib import Path; from surrogate.cli import experiments, main\n"
        f"experiments.scripts_folder = lambda: Path({str(folder / 'scripts')!r})\n"
        "main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, "experiments", "run", "all", "--out", str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(surrogate.__file__).parents[1])},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
