"""What a script leaves: numbers that programs can read, and a page that people can."""

import csv
import json

import numpy as np
import pytest


def make(run, **options):
    from surrogate.reports.report import BESIDE, Report

    report = Report(run, "Table 0. Test", BESIDE, **options)
    report.beside("k-NN", ("accuracy [%]", "|error|"), (98.76543, np.nan), ("98.8", None))
    report.note("a note")
    return report


def test_a_report_is_json_and_csv(run, capsys):
    make(run).write()
    found = json.loads((run.folder / "table_0.json").read_text())
    assert found["table"] == [
        ["k-NN", "accuracy [%]", 98.76543, "98.8"],
        ["k-NN", "|error|", None, None],
    ]
    assert found["quick"]
    with (run.folder / "table_0.csv").open() as file:
        header, first, _ = csv.reader(file)
    assert header == ["method", "measure", "here", "paper"]
    assert first == ["k-NN", "accuracy [%]", "98.76543", "98.8"]
    shown = capsys.readouterr().out
    assert "98.77" in shown
    assert "no measurements" in shown  # a quick run says so


def test_rows_must_fit_the_columns(run):
    with pytest.raises(ValueError, match="2 cells for 4 columns"):
        make(run).add("k-NN", 1.0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (float("nan"), "-"),
        ("text", "text"),
        (7, "7"),
        (98.4567, "98.46"),
        (0.0, "0"),
        (0.00123456, "0.00123"),
        (4.7e-7, "4.70e-7"),
        (2.5e6, "2.50e6"),
    ],
)
def test_cells_are_short(value, shown):
    from surrogate.reports.report import show

    assert show(value) == shown


def test_spread_is_mean_deviation_and_best():
    from support.networks import spreads

    measures = np.array([[98.0, 1.0], [98.2, 3.0]])
    assert spreads(measures[:, :1], greater=True) == ["98.1 ± 0.141 (best: 98.2)"]
    assert spreads(measures[:, 1:], greater=False) == ["2 ± 1.414 (best: 1)"]
    assert spreads(measures[:1], greater=True) == ["98", "1"]  # one run has no spread


def test_measures_of_perfect_and_of_known_answers(data):
    from dataclasses import make_dataclass

    from support.measures import fate_measures, mass_errors, mass_measures

    masses = make_dataclass("Masses", ["m1", "m2"])(np.full(60, 3.0), np.full(60, 1.0))
    rows = data.validation._replace(grid=masses)
    assert fate_measures(rows.fate, rows) == (100.0, 100.0)
    assert mass_measures(rows.fractions, rows) == (0.0, 0.0, 0.0, 0.0)
    more = rows.fractions * [1.01, 0.98, 1.0]
    assert mass_measures(more, rows)[2:] == pytest.approx((0.01, 0.02), rel=1e-4)
    assert mass_errors(more, rows)[0] == pytest.approx(0.04 * rows.fractions[:, 0])


def test_the_page_shows_tables_pictures_and_what_is_missing(run):
    import page

    for name in ("table_2", "figure_1"):
        make(run, stem=name).write()
    for stem in ("figure_1", "figure_10", "table_2_importance"):
        (run.folder / f"{stem}.png").write_bytes(b"picture")
    page.body(run)
    text = (run.folder / "paper.md").read_text()
    assert "## Table 2: how well" in text
    assert "| k-NN | accuracy [%] | 98.77 | 98.8 |" in text
    assert r"\|error\|" in text
    assert text.count("(paper/figure_1.png)") == 1
    assert "figure_10.png" not in text  # that one was not run
    assert "(paper/table_2_importance.png)" in text
    assert (run.folder / "paper" / "figure_1.png").read_bytes() == b"picture"
    assert "Not run yet: `surrogate experiments run table_4 --full`" in text


def test_options(tmp_path):
    from surrogate.reports.run import parse

    def body(run):
        """Do nothing."""

    quick = parse(body, "scripts/table_0.py", [])
    assert quick.quick
    assert quick.name == "table_0"
    assert quick.seeds == 10
    full = parse(body, "scripts/table_0.py", ["--full", "--out", str(tmp_path), "--rows", "test"])
    assert full.folder == tmp_path / "scripts" / "full"
    assert full.rows == "test"
    assert quick.folder != full.folder


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (ValueError("no grid"), 2)]
)
def test_errors_are_one_line(error, code, capsys):
    from surrogate.reports.run import start

    def body(run):
        raise error

    with pytest.raises(SystemExit) as stopped:
        start(body, "table_0.py", [])
    assert stopped.value.code == code
    assert "table_0: " in capsys.readouterr().err


def test_only_finished_networks_are_judged_where_asked(run, data):
    from dataclasses import replace

    from support.networks import trained

    with pytest.raises(ValueError, match="holds no finished network; leave out --finished"):
        trained(replace(run, finished=True), data, "classifier")
