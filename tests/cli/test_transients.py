"""`surrogate transients`: banks, matches and reports from files."""

import csv
import io

import numpy as np
import pytest

from surrogate.transients.bank import Bank, simulate_bank
from surrogate.transients.flare import Physics
from surrogate.transients.injection import Survey, inject
from surrogate.transients.templates import BankTemplates


@pytest.fixture(scope="module")
def bank_file(tmp_path_factory):
    grid = np.array([[M, 100.0, theta, 0.0] for M in (1e6, 1e7, 1e8) for theta in (0.6, 1.4)])
    file = tmp_path_factory.mktemp("bank") / "bank.h5"
    simulate_bank(grid, physics=Physics(particles=200)).save(file)
    return file


@pytest.fixture(scope="module")
def flares(bank_file):
    """Two objects in one table, with a bad row of each kind between them."""
    templates = BankTemplates(Bank.load(bank_file))
    random = np.random.default_rng(1)
    lines = ["name,mjd,band,flux,flux_err,z"]
    for shape in (3, 5):
        sky = Survey(years=1.2).schedule(random)
        curve, _ = inject(
            sky, lambda t, s=shape: 0.03 * templates.light(s, t), sky.mjd[0] + 100, 0.08, random
        )
        for mjd, band, flux, error in zip(
            curve.mjd, curve.band, curve.flux, curve.error, strict=True
        ):
            lines.append(f"flare{shape},{mjd:.4f},{band},{flux:.3f},{error:.3f},0.08")
    lines[4:4] = ["flare3,58801.2,ztfg,nan,3,0.08", "flare3,58801.3,ztfg,5,-3,0.08"]
    lines[9:9] = ["flare3,58802.2,ztfq,5,3,0.08", "lonely,58802.2,ztfg,5,3,0.08"]
    file = bank_file.with_name("flares.csv")
    file.write_text("\n".join(lines) + "\n")
    return file


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_matches_and_names_what_is_wrong(run, bank_file, flares):
    result = run("transients", "match", flares, "--bank", bank_file)
    assert result.exit_code == 1
    first, second = rows(result.stdout)
    assert (first["name"], second["name"]) == ("flare3", "flare5")
    assert float(first["log_black_hole"]) == pytest.approx(7.0, abs=0.6)
    assert float(first["ejecta"]) == pytest.approx(0.03, rel=0.1)
    assert float(second["ln_odds"]) > 0.0
    for words in (
        "flare3, row 5: not a number: flux = nan",
        "flare3, row 6: error not positive: error = -3",
        "flare3, row 10: unknown band: band = ztfq",
        "lonely: too few points: 1 good rows",
        "4 rows or objects were left out",
    ):
        assert words in result.stderr


def test_file_is_written_whole(run, bank_file, flares, tmp_path):
    out = tmp_path / "matches.csv"
    result = run("transients", "match", flares, "--bank", bank_file, "-o", out)
    assert result.exit_code == 1
    assert len(rows(out.read_text())) == 2
    assert [f.name for f in tmp_path.iterdir()] == ["matches.csv"]


@pytest.mark.slow
def test_redshift_for_objects_without(run, bank_file, flares, tmp_path):
    lines = [line.rsplit(",", 1)[0] for line in flares.read_text().splitlines()]
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(lines) + "\n")
    found = [
        rows(run("transients", "match", bare, "--bank", bank_file, *z).stdout)[0]
        for z in ((), ("--z", "0.2"))
    ]
    assert [(row["z"], row["z_assumed"]) for row in found] == [("0.1", "1"), ("0.2", "0")]
    assert float(found[1]["ejecta"]) > 2.0 * float(found[0]["ejecta"])


def test_paper_mode(run, bank_file, flares):
    pytest.importorskip("usearch")
    result = run("transients", "match", flares, "--bank", bank_file, "--mode", "paper")
    found = rows(result.stdout)
    assert [row["rank"] for row in found[:5]] == ["1", "2", "3", "4", "5"]
    assert float(found[0]["black_hole"]) == 1e7


def test_bank_is_written_and_not_overwritten(run, tmp_path, monkeypatch):
    monkeypatch.setattr("surrogate.transients.bank.paper_grid", lambda: np.array([[1e7, 50, 1, 0]]))
    out = tmp_path / "small.h5"
    result = run("transients", "bank", "-o", out, "--particles", 100, "--alpha", 0.2)
    assert result.exit_code == 0, result.output
    assert "1 simulations, 0 dark, 0 duplicates, 1 light curves" in result.stdout
    assert Bank.load(out).physics == Physics(particles=100, alpha=0.2)
    again = run("transients", "bank", "-o", out)
    assert again.exit_code == 2
    assert "--force" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bank", "-o", "bank.txt"), "must end in .h5"),
        (("bank", "-o", "a.h5", "--adaptive", "--seed", "1"), "leave out --seed"),
        (("match", "nowhere.csv"), "nowhere.csv"),
        (("match", "pyproject.toml"), "no light curve that can be used"),
    ],
)
def test_wrong_input(run, arguments, words):
    result = run("transients", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_report_is_a_page(run, bank_file, flares, tmp_path):
    out = tmp_path / "report.html"
    result = run("transients", "report", flares, "--bank", bank_file, "-o", out)
    assert result.exit_code == 1, result.output
    page = out.read_text()
    assert "flare3" in page
    assert "lonely" in page
    assert "data:image" in page
