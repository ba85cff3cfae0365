"""The scripts of enrichment: pictures are drawn, and every star has its cells."""

import pytest

from surrogate.enrichment.published import PUBLISHED

PARTS = ("surrogate.enrichment.bank", "surrogate.enrichment.classifiers.shipped")


@pytest.fixture
def shipped(public_data, monkeypatch):
    """What the scripts take: public data, classifiers and simulations of the package."""
    for name in PARTS:
        pytest.importorskip(name)
    monkeypatch.setenv("SURROGATE_DATA", str(public_data("enrichment").parent))


@pytest.mark.slow
@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("figure_1", {"figure_1"}),
        ("figure_2", {"figure_2"}),
        ("figure_3", {"figure_3", "figure_3_small"}),
        ("figure_4", {"figure_4"}),
        ("figure_7", {"figure_7"}),
    ],
)
def test_figures_are_drawn(quick, name, pictures):
    assert quick("enrichment", name)["pictures"] == pictures


@pytest.mark.slow
@pytest.mark.usefixtures("shipped")
def test_tables_have_every_star_and_cell(quick):
    found = quick("enrichment", "table_1")
    for stem, field in (("table_1", "er"), ("table_1_pb", "pb")):
        rows = found[stem]["table"]
        assert len(rows) == 43
        for row, star in zip(rows, PUBLISHED, strict=True):
            assert row[0] == f"{star.number} {star.name}"
            theirs = "".join(cell.partition("/")[2] or " " for cell in row[1:])
            assert theirs.strip() == getattr(star, field)
    assert {row[1] for row in found["table_1_labels"]["table"]} <= {"r", "s", "?", "-"}
    assert found["table_1_agreement"]["table 1"]["stars"] == 38
    assert len(found["table_1_one_class"]["table"]) == 8
    auc = [row[-2] for row in found["table_1_sources"]["table"] if row[3] == "maximal"]
    assert all(0.5 < value <= 1.0 for value in auc)
