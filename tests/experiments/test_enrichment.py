"""The scripts of enrichment: pictures are drawn, and every star has its cells."""

import pytest

from surrogate.enrichment.published import PUBLISHED


@pytest.fixture
def shipped(public_data, monkeypatch):
    """Where the scripts look for public data."""
    monkeypatch.setenv("SURROGATE_DATA", str(public_data("enrichment").parent))


@pytest.mark.slow
@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("patterns", {"patterns"}),
        ("separation", {"separation"}),
        ("latent_planes", {"latent_planes", "latent_planes_small"}),
        ("i_process", {"i_process"}),
        ("receivers", {"receivers"}),
        ("network_products", {"network_products"}),
    ],
)
def test_figures_are_drawn(quick, name, pictures):
    assert quick("enrichment", name)["pictures"] == pictures


@pytest.mark.slow
@pytest.mark.usefixtures("shipped")
def test_tables_have_every_star_and_cell(quick):
    found = quick("enrichment", "star_labels")
    for stem, field in (("star_labels", "er"), ("star_labels_pb", "pb")):
        rows = found[stem]["table"]
        assert len(rows) == 43
        for row, star in zip(rows, PUBLISHED, strict=True):
            assert row[0] == f"{star.number} {star.name}"
            theirs = "".join(cell.partition("/")[2] or " " for cell in row[1:])
            assert theirs.strip() == getattr(star, field)
    assert {row[1] for row in found["star_labels_labels"]["table"]} <= {"r", "s", "?", "-"}
    assert found["star_labels_agreement"]["table 1"]["stars"] == 38


@pytest.mark.slow
@pytest.mark.usefixtures("shipped")
def test_simulations_that_were_held_back(quick):
    found = quick("enrichment", "unseen_simulations")
    assert len(found["unseen_simulations_one_class"]["table"]) == 8
    left = found["unseen_simulations_left_over"]["table"]
    assert all(row[4] > 90.0 for row in left)
    auc = [row[-2] for row in found["unseen_simulations_sources"]["table"] if row[3] == "maximal"]
    assert all(0.5 < value <= 1.0 for value in auc)
