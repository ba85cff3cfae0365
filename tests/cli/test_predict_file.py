"""`surrogate predict` on files."""

from __future__ import annotations

import csv
import signal
import time

import numpy as np
import pytest

from surrogate.cli import batch, output, rows

HEADER = "age,m1,m2,rp,vinf"
ANSWER = (
    "regime,fate,p_none,p_merger,p_two,p_stripped,m1_final,m2_final,m_unbound,in_domain,"
    "p_survivor1,p_survivor2,m1_low68,m1_high68,m1_low95,m1_high95,"
    "m2_low68,m2_high68,m2_low95,m2_high95,"
    "unbound_low68,unbound_high68,unbound_low95,unbound_high95,ood"
)
N_ANSWER = len(ANSWER.split(","))
GOOD = ["1.0,1,0.80,0.5,100", "2,2,1,1e-1,1000.", "0.10,.5,+3,7,30"]


@pytest.fixture
def write(tmp_path):
    def write_file(*lines, name="in.csv", end="\n", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes("".join(line + end for line in lines).encode(encoding))
        return path

    return write_file


def test_columns_order_and_echo(run, write, tmp_path):
    out = tmp_path / "out.csv"
    result = run("predict", write(HEADER, *GOOD), "-o", out)
    assert result.exit_code == 0, result.output
    lines = out.read_text().splitlines()
    assert lines[0] == f"{HEADER},{ANSWER}"
    assert [line.rsplit(",", N_ANSWER)[0] for line in lines[1:]] == GOOD
    for row in csv.DictReader(lines):
        total = sum(float(row[k]) for k in ("m1_final", "m2_final", "m_unbound"))
        assert total == pytest.approx(float(row["m1"]) + float(row["m2"]), rel=1e-6)
        assert row["regime"] in ("collision", "capture", "flyby")
        assert row["fate"] in "0123"
        assert row["in_domain"] in "01"
        shares = [float(row[f"p_{k}"]) for k in ("none", "merger", "two", "stripped")]
        assert sum(shares) == pytest.approx(1, abs=1e-6)
        assert int(row["fate"]) == np.argmax(shares)
    assert [p.name for p in tmp_path.iterdir() if p.name != "in.csv"] == ["out.csv"]


def test_any_order_of_columns_and_any_header_style(fast, write):
    path = write("\ufeff# VINF , rp,Name,M2,m1,age\r", "100,0.5,x,0.8,1 ,1.0\r", "\r")
    result = fast("predict", path)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"{HEADER},{ANSWER}"
    assert result.stdout.splitlines()[1].startswith("1.0,1,0.8,0.5,100,flyby,2,0,0,1,0,1,0.8")
    assert "ignored columns: Name" in result.stderr


def test_quoted_cells(fast, write):
    result = fast(
        "predict", write('"age","m1","m2","rp","vinf","note"', '"1","1","2","3","4","a, b"')
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].startswith("1,1,2,3,4,flyby")


def test_radii(fast, write):
    result = fast("predict", write(f"r2,{HEADER},r1", "0.8,1,1,0.8,2,30,0.9", ",1,1,0.8,2,30,0.9"))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == f"{HEADER},r1,r2,{ANSWER}"
    assert result.stdout.splitlines()[1].startswith("1,1,0.8,2,30,0.9,0.8,flyby")
    assert "line 3: r2 = '', allowed: a number" in result.stderr

    result = fast("predict", write(f"{HEADER},r1", *GOOD))
    assert result.exit_code == 2
    assert "missing column r2" in result.stderr


def test_every_input_is_echoed_in_one_order(fast, write):
    path = write(f"rh2,age2,{HEADER},r1,rh1,r2", "0.25,2,1,1,0.8,2,30,0.9,0.30,0.7")
    result = fast("predict", path)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"{HEADER},r1,r2,age2,rh1,rh2,{ANSWER}"
    assert result.stdout.splitlines()[1].startswith("1,1,0.8,2,30,0.9,0.7,2,0.30,0.25,flyby")
    assert "ignored" not in result.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("r2", ["missing column r1;", "Give both r1 and r2, or neither."]),
        ("r1,r2,rh1", ["missing column rh2;", "Give both rh1 and rh2, or neither."]),
        ("rh1,rh2", ["missing column r1, r2;", "rh1 and rh2 need r1 and r2."]),
        ("rh2", ["missing column r1, r2, rh1;", "both rh1 and rh2", "need r1 and r2"]),
        ("r1,rh1,rh2", ["missing column r2;", "Give both r1 and r2, or neither."]),
        ("age2,age2", ["column age2", "more than once"]),
    ],
)
def test_columns_without_their_partners(fast, write, more, words):
    result = fast("predict", write(f"{HEADER},{more}", *GOOD))
    assert result.exit_code == 2
    for word in words:
        assert word in result.stderr


def test_a_misnamed_column_beside_radii(fast, write):
    result = fast("predict", write("age,mass1,m2,rp,vinf,r1,r2,age2", *GOOD))
    assert result.exit_code == 2
    assert "missing column m1;" in result.stderr
    assert "Did you mean 'mass1' for m1?" in result.stderr


def test_an_age_of_star_2_out_of_range(fast, write):
    result = fast("predict", write(f"{HEADER},age2", "1,1,0.8,2,30,-1", "1,1,0.8,2,30,3"))
    assert result.exit_code == 1
    assert "line 2: age2 = -1, allowed: 0 to 15 Gyr" in result.stderr
    assert len(result.stdout.splitlines()) == 2


def test_a_half_mass_radius_beyond_the_radius(run, write):
    path = write(f"{HEADER},r1,r2,rh1,rh2", "1,1,0.8,2,30,0.9,0.8,0.9,0.2")
    result = run("predict", path)
    assert result.exit_code == 1
    assert "line 2: rh1 = 0.9, allowed: " in result.stderr


def encounters(n=400):
    """Random encounters, most of them collisions."""
    random = np.random.default_rng(2)
    low, high = [0.01, 0.3, 0.3, 0, 1], [2, 8, 8, 3, 3]
    age, m1, m2, rp, vinf = random.uniform(low, high, (n, 5)).T
    table = np.column_stack([age, m1, m2, rp, 10 ** (0.5 + vinf)])
    return [",".join(f"{x:.6g}" for x in row) for row in table]


def answers(result):
    """Columns of what was written, as numbers."""
    assert result.exit_code == 0, result.output
    table = list(csv.DictReader(result.stdout.splitlines()))
    names = [name for name in table[0] if name != "regime"]
    columns = {name: np.array([float(row[name]) for row in table]) for name in names}
    return columns | {"regime": np.array([row["regime"] for row in table])}


@pytest.mark.slow
def test_bounds_hold_the_masses(run, write):
    found = answers(run("predict", write(HEADER, *encounters())))
    rounding = 1e-6 * (found["m1"] + found["m2"])
    known = np.isfinite(found["m1_low68"])
    assert known.any()
    final = {"m1": "m1_final", "m2": "m2_final", "unbound": "m_unbound"}
    for mass, name in final.items():
        edges = [f"{mass}_low95", f"{mass}_low68", name, f"{mass}_high68", f"{mass}_high95"]
        ordered = np.array([found[edge][known] for edge in edges])
        assert (np.diff(ordered, axis=0) >= -rounding[known]).all(), mass
        assert (ordered[0] >= 0).all()
        assert (ordered[-1] <= (found["m1"] + found["m2"] + rounding)[known]).all()
    # Where stars collide a model that gives bounds is never quite sure.
    collided = known & (found["regime"] == "collision")
    assert (found["unbound_high95"] > found["unbound_low95"])[collided].any()


@pytest.mark.slow
def test_a_stripped_star_is_either(run, write):
    band = [
        f"1,{m1},{m2},{rp},6000" for m1, m2 in ((1, 0.6), (0.6, 1)) for rp in (0.36, 0.41, 0.46)
    ]
    found = answers(run("predict", write(HEADER, *encounters(), *band)))
    both = found["p_survivor1"] + found["p_survivor2"]
    np.testing.assert_allclose(both, found["p_stripped"], atol=1e-6)
    stripped = found["fate"] == 3
    first = found["p_survivor1"] > found["p_survivor2"]
    assert stripped.any()
    # The likelier survivor is the one that is left.
    assert (found["m2_final"][stripped & first] == 0).all()
    assert (found["m1_final"][stripped & ~first] == 0).all()


@pytest.mark.slow
def test_exchanged_stars_exchange_columns(run, write):
    rows_ = [line.split(",") for line in encounters(50)]
    there = answers(run("predict", write(HEADER, *map(",".join, rows_))))
    swapped = [",".join([age, m2, m1, rp, vinf]) for age, m1, m2, rp, vinf in rows_]
    back = answers(run("predict", write(HEADER, *swapped)))
    pairs = [("p_survivor1", "p_survivor2"), ("ood", "ood")]
    pairs += [(f"m1_{edge}", f"m2_{edge}") for edge in ("low68", "high68", "low95", "high95")]
    for a, b in pairs:
        np.testing.assert_allclose(there[a], back[b], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(there[b], back[a], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_the_age_of_star_2(run, write):
    lines = encounters(50)
    alone = answers(run("predict", write(HEADER, *lines)))
    same = [f"{line},{line.split(',')[0]}" for line in lines]
    twice = answers(run("predict", write(f"{HEADER},age2", *same)))
    assert (twice["regime"] == alone["regime"]).all()
    for name in ANSWER.split(",")[1:]:
        np.testing.assert_allclose(twice[name], alone[name], rtol=1e-4, atol=1e-5, err_msg=name)
    # Two old stars of 0.8 and 1 Msun are larger than a young one and an old one.
    result = run("predict", write(f"{HEADER},age2", "0.1,0.8,1,1.8,600,6", "0.1,0.8,1,1.8,600,0.1"))
    assert list(answers(result)["regime"]) == ["collision", "flyby"]


@pytest.mark.slow
def test_half_mass_radii_matter(run, write):
    rows_ = ["1,1,0.8,0.3,800,0.9,0.7,0.3,0.25", "1,1,0.8,0.3,800,0.9,0.7,0.2,0.15"]
    found = answers(run("predict", write(f"{HEADER},r1,r2,rh1,rh2", *rows_)))
    assert abs(found["m_unbound"][0] - found["m_unbound"][1]) > 1e-3


@pytest.mark.slow
def test_a_model_without_bounds_writes_nan(run, write):
    found = answers(run("predict", write(HEADER, *encounters(20)), "--model", "separate"))
    collided = found["regime"] == "collision"
    assert collided.any()
    for name in ("m1_low68", "m2_high95", "unbound_low95"):
        assert np.isnan(found[name][collided]).all()
    assert np.isfinite(found["p_survivor1"]).all()


BAD = {
    "1,1,x,1,1": "m2 = 'x', allowed: a number",
    "1,1,1,1": "4 cells, allowed: 5",
    "1,1,1,1,1,1": "6 cells, allowed: 5",
    "1,nan,1,1,1": "m1 = nan, allowed: 0.1 to 100 Msun",
    "1,1,1,-1,1": "rp = -1, allowed: 0 to 1e+06 Rsun",
    "16,1,1,1,1": "age = 16, allowed: 0 to 15 Gyr",
    "1,1,1,1,inf": "vinf = inf, allowed: 0 to 299792 km/s",
    "1,1_0,1,1,1": "m1 = '1_0', allowed: a number",
    "1,1,1,0.125,1": "too small for a float32",
}


@pytest.mark.parametrize("chunk", [2, 1000])
def test_bad_rows_are_told_and_good_ones_answered(fast, write, tmp_path, monkeypatch, chunk):
    for module in (rows, batch):
        monkeypatch.setattr(module, "CHUNK", chunk)
    lines = [GOOD[0], *BAD, "", GOOD[1]]
    bad, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    result = fast("predict", write(HEADER, *lines), "-o", out, "--bad", bad)
    assert result.exit_code == 1
    assert [line.split(",flyby")[0] for line in out.read_text().splitlines()[1:]] == GOOD[:2]
    assert f"{len(BAD)} of {len(BAD) + 2} rows" in result.stderr
    for number, text in enumerate(BAD.values(), start=3):
        assert f"line {number}: {text}" in result.stderr or (
            f"line {number}: " in result.stderr and text in result.stderr
        )
    refused = list(csv.reader(bad.read_text().splitlines()))
    assert refused[0] == ["line", "reason", *HEADER.split(",")]
    assert [int(row[0]) for row in refused[1:]] == list(range(3, 3 + len(BAD)))
    assert [",".join(row[2:]) for row in refused[1:]] == list(BAD)


def test_twenty_bad_rows_are_spelled_out(fast, write):
    result = fast("predict", write(HEADER, *["1,1,1,1,x"] * 25))
    assert result.exit_code == 1
    assert result.stderr.count("  line ") == 20
    assert "and 5 more" in result.stderr
    assert result.stdout.splitlines() == [f"{HEADER},{ANSWER}"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("age,mass1,m2,rp,vinf", ["missing column m1", "found: age, mass1", "'mass1' for m1"]),
        ("age,m1,m2,r_p,v_inf", ["missing column rp, vinf", "'r_p' for rp", "'v_inf' for vinf"]),
        ("Age [Gyr],m1,m2,rp,vinf", ["'Age [Gyr]' for age"]),
        ("1,1,0.8,0.5,100", ["must name the columns"]),
        ("age;m1;m2;rp;vinf", ["separated by commas"]),
        ("age,m1,m1,m2,rp,vinf", ["column m1", "more than once"]),
    ],
)
def test_misnamed_columns(fast, write, tmp_path, header, words):
    result = fast("predict", write(header, *GOOD), "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    for word in words:
        assert word in result.stderr
    assert not (tmp_path / "out.csv").exists()


def test_unusable_files(fast, write, tmp_path):
    cases = {
        "is empty": write(name="empty.csv"),
        "no rows": write(HEADER, "", name="header.csv"),
        "No such file": tmp_path / "none.csv",
        "is a folder": tmp_path,
        "is not UTF-8 text": write("\x00\x01\x02", name="binary.csv"),
    }
    for words, path in cases.items():
        result = fast("predict", path)
        assert result.exit_code == 2
        assert words in result.stderr
        assert "surrogate: error: " in result.stderr
        assert "Traceback" not in result.stderr
    good = write(HEADER, *GOOD)
    assert fast("predict", good, "-o", tmp_path / "no" / "out.csv").exit_code == 2
    assert fast("predict", good, "-o", tmp_path).exit_code == 2
    result = fast("predict", good, "-o", good)
    assert result.exit_code == 2
    assert "same file" in result.stderr
    assert fast("predict", good, "--checkpoints", tmp_path).exit_code == 0  # the stand-in has none


def test_missing_checkpoints(tmp_path, run, write):
    result = run("predict", write(HEADER, *GOOD), "--checkpoints", tmp_path)
    assert result.exit_code == 2
    assert "is not a model" in result.stderr


def test_standard_input_and_output(fast):
    result = fast("predict", "-", text="\n".join([HEADER, *GOOD]))
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 4
    result = fast("predict", "-", text="")
    assert result.exit_code == 2
    assert "standard input: the file is empty" in result.stderr


@pytest.mark.slow
def test_chunks_agree_with_one_call(run, write, monkeypatch):
    random = np.random.default_rng(1)
    table = random.uniform([0.1, 0.3, 0.3, 0, 1], [5, 3, 3, 3, 5000], (50, 5))
    path = write(HEADER, *(",".join(f"{x:.6g}" for x in row) for row in table))
    whole = run("predict", path).stdout
    for module in (rows, batch):
        monkeypatch.setattr(module, "CHUNK", 16)
    parts = run("predict", path).stdout
    for a, b in zip(
        csv.DictReader(whole.splitlines()), csv.DictReader(parts.splitlines()), strict=True
    ):
        assert a["regime"] == b["regime"]
        assert float(a["m1_final"]) == pytest.approx(float(b["m1_final"]), rel=1e-4, abs=1e-6)


def test_interrupted_run_keeps_its_rows(fast, write, tmp_path, monkeypatch):
    for module in (rows, batch):
        monkeypatch.setattr(module, "CHUNK", 2)
    calls = []

    def second_call_interrupts(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return output.format_rows(*args)

    monkeypatch.setattr(batch, "format_rows", second_call_interrupts)
    out = tmp_path / "out.csv"
    result = fast("predict", write(HEADER, *GOOD * 3), "-o", out)
    assert result.exit_code == 130
    assert f"4 predicted rows are kept in {out}.part" in result.stderr
    assert not out.exists()
    assert len((tmp_path / "out.csv.part").read_text().splitlines()) == 5
    assert len(list(tmp_path.iterdir())) == 2  # no temporary file


def test_error_leaves_nothing_behind(fast, write, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch, "format_rows", full)
    result = fast("predict", write(HEADER, *GOOD), "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.slow
def test_ctrl_c_in_a_process(start, tmp_path):
    out = tmp_path / "out.csv"
    process = start("predict", "-", "-o", out)
    process.stdin.write(HEADER + "\n" + (GOOD[0] + "\n") * (3 * rows.CHUNK))
    process.stdin.flush()  # and it waits for more
    deadline = time.monotonic() + 120
    while not any(p.stat().st_size > 100_000 for p in tmp_path.glob(".out.csv.*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    # The pipe stays open until the process has ended.
    assert process.wait(timeout=60) == 130
    assert "are kept in" in process.stderr.read()
    assert len((tmp_path / "out.csv.part").read_text().splitlines()) > rows.CHUNK


@pytest.mark.slow
def test_a_million_rows(start, tmp_path):
    n = 1_000_000
    random = np.random.default_rng(0)
    table = random.uniform([0.1, 0.3, 0.3, 0, 1], [5, 3, 3, 3, 5000], (n, 5))
    lines = [",".join(row) for row in np.char.mod("%.6g", table).tolist()]
    bad = sorted(random.choice(n, 10, replace=False).tolist())
    for row in bad:
        lines[row] = "1,1,1,one,1"
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    process = start("predict", path, "-o", out)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 1, errors
    assert errors.count("rp = 'one'") == 10
    for row in bad:
        assert f"line {row + 2}: " in errors
    refused = set(bad)
    with out.open() as file:
        next(file)
        for i in (i for i in range(n) if i not in refused):
            assert next(file).startswith(lines[i] + ",")
        assert next(file, None) is None
