"""`surrogate predict` on files."""

from __future__ import annotations

import csv
import signal
import time

import numpy as np
import pytest

from surrogate.cli import batch, output, rows

HEADER = "age,m1,m2,rp,vinf"
ANSWER = "regime,fate,p_none,p_merger,p_two,p_stripped,m1_final,m2_final,m_unbound,in_domain"
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
    assert [line.rsplit(",", 10)[0] for line in lines[1:]] == GOOD
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
