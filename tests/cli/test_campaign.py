"""`surrogate campaign`, as a user meets it."""

import json
import sys
from pathlib import Path

import pytest

from surrogate.simulations.campaign import Campaign
from surrogate.simulations.lock import only_driver

STANDIN = Path(__file__).parents[1] / "simulations" / "standin.py"
TABLE = "age,m1,m2,rp,vinf\n1,1,0.7,0.1,100\n1,1,0.7,0.9,1000\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "collisions.csv"
    path.write_text(TABLE)
    return path


def planned(run, table, folder):
    said = run("campaign", "plan", folder, "--table", table)
    assert said.exit_code == 0, said.output
    text = (folder / "campaign.toml").read_text()
    text = text.replace(
        '# command = ["mpirun", "-np", "2", "test_gpu_sph"]',
        f'command = ["{sys.executable}", "{STANDIN}"]',
    ).replace("[star] ", "[star]\nn = 200 #")
    (folder / "campaign.toml").write_text(text)
    return said.output


@pytest.mark.slow
def test_from_a_table_to_pictures(run, table, tmp_path):
    folder = tmp_path / "campaign"
    assert "2 collisions added, 2 now" in planned(run, table, folder)

    said = run("campaign", "run", folder, "--jobs", "2")
    assert said.exit_code == 0, said.output
    assert "2 rows; 0 collisions are not done" in said.output
    assert run("data", "check", folder / "rows.h5").exit_code == 0

    for columns in (30, 80, 200):
        said = run("campaign", "status", folder, columns=columns)
        assert "done" in said.output
        assert max(map(len, said.output.splitlines())) <= columns

    name = (tmp_path / "campaign" / "runs").iterdir().__next__().name
    said = run("campaign", "draw", folder, name[:6], "-o", tmp_path / "pictures")
    assert said.exit_code == 0, said.output
    for line in said.output.split():
        assert Path(line).stat().st_size > 1000
    assert len(list((tmp_path / "pictures").iterdir())) == 4

    said = run("campaign", "collect", folder, "-o", tmp_path / "other.h5")
    assert "other.h5: 2 rows; 0 collisions are not done" in said.output
    assert (tmp_path / "other.h5").read_bytes() == (folder / "rows.h5").read_bytes()


def test_a_plan_is_added_to(run, table, tmp_path):
    folder = tmp_path / "campaign"
    planned(run, table, folder)
    table.write_text(TABLE + "1,1,1,0.2,50\n")
    said = run("campaign", "plan", folder, "--table", table)
    assert "1 collisions added, 3 now" in said.output
    assert "Say in" not in said.output


def test_runs_under_way_are_listed(run, table, tmp_path):
    folder = tmp_path / "campaign"
    planned(run, table, folder)
    name = Campaign(folder).design.names()[0]
    running = folder / "runs" / name
    running.mkdir(parents=True)
    state = {"status": "running", "t": 3.25, "tf": 40.0, "seconds": 300.0}
    (running / "run.json").write_text(json.dumps(state))
    with only_driver(running):
        said = run("campaign", "status", folder, columns=120).output
    assert "Under way" in said
    assert f"{name}" in said
    assert "8 %" in said
    assert "5 min" in said
    assert "stopped" in run("campaign", "status", folder).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status"], "holds no campaign"),
        (["run"], "holds no campaign"),
        (["plan"], "give either --paper or --table"),
        (["plan", "--table", "no.csv"], "no.csv"),
    ],
)
def test_wrong_input_is_one_message(run, tmp_path, words, said):
    found = run("campaign", words[0], tmp_path / "campaign", *words[1:])
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.output


def test_a_bad_row_is_named(run, table, tmp_path):
    table.write_text(TABLE + "1,-1,1,0.2,50\n")
    found = run("campaign", "plan", tmp_path / "campaign", "--table", table)
    assert found.exit_code == 2
    assert "line 4" in found.stderr
    assert not (tmp_path / "campaign" / "design.csv").exists()


def test_an_unknown_run_is_refused(run, table, tmp_path):
    folder = tmp_path / "campaign"
    planned(run, table, folder)
    assert "0 of the campaign's runs begin with it" in run("campaign", "draw", folder, "zz").stderr


def test_pictures_without_matplotlib(run, table, tmp_path, monkeypatch):
    def draw_run(*_):
        raise ImportError("pictures need matplotlib: pip install it")

    folder = tmp_path / "campaign"
    planned(run, table, folder)
    monkeypatch.setattr("surrogate.simulations.gallery.draw_run", draw_run)
    name = Campaign(folder).design.names()[0]
    found = run("campaign", "draw", folder, name)
    assert found.exit_code == 2
    assert "error: pictures need matplotlib" in found.stderr


@pytest.mark.slow
def test_a_proposal_takes_new_collisions_only(run, tmp_path):
    table = tmp_path / "many.csv"
    rows = [f"1,1,0.7,{0.05 * k},{200 * (k + 1)}" for k in range(12)]
    table.write_text("age,m1,m2,rp,vinf\n" + "\n".join(rows) + "\n")
    folder = tmp_path / "campaign"
    for count in (4, 8):
        said = run("campaign", "plan", folder, "--table", table, "--propose", 4)
        assert f"4 collisions added, {count} now" in said.output, said.output
    said = run("campaign", "plan", folder, "--table", table, "--propose", 5)
    assert said.exit_code == 2
    assert "--propose 5, allowed: up to 4, the new collisions" in said.stderr
