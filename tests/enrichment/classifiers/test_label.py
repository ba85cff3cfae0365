import numpy as np
import pytest

from surrogate.enrichment.classifiers.evaluate import agreement
from surrogate.enrichment.classifiers.label import label_stars, overall_label
from surrogate.enrichment.classifiers.store import load_models, save_models
from surrogate.enrichment.classifiers.train_models import train_models
from surrogate.enrichment.published import TABLE_1, TABLE_2

from .conftest import ELEMENTS, R, S


@pytest.mark.parametrize("row", TABLE_1, ids=lambda row: row.name)
def test_the_votes_of_the_papers_cells_make_its_label(row):
    assert overall_label(row.er, row.pb) == row.overall


def test_of_table_2_they_make_all_but_two():
    differ = {row.number for row in TABLE_2 if overall_label(row.er, row.pb) != row.overall}
    assert differ == {30, 41}


def test_no_cell_no_label():
    assert overall_label("-" * 8, "-" * 8) == "-"


def test_even_votes():
    assert overall_label("rrss..--", "--------") == "s"  # two outside of r count against it
    assert overall_label("rrss----", "--------") == "?"


@pytest.fixture(scope="module")
def models(patterns):
    return train_models(patterns, seeds=(0, 1), epochs=300, one_class_epochs=200)


@pytest.fixture(scope="module")
def rows(models, star_of_module):
    return label_stars(star_of_module, models)


@pytest.fixture(scope="module")
def star_of_module():
    from surrogate.enrichment.stars import Stars

    few = np.full(len(ELEMENTS), np.nan)
    few[[0, 1, 2, 3, 4, 5]] = np.array(S)[[0, 1, 2, 3, 4, 5]]
    one = np.full(len(ELEMENTS), np.nan)
    one[0] = 0.3
    table = np.array([R, S, few, one])
    return Stars(
        name=("r star", "s star", "six elements", "barium alone"),
        element=ELEMENTS,
        log_eps=table,
        limit=np.full(table.shape, np.nan),
        error=np.full(table.shape, np.nan),
        fe_h=np.full(4, -2.5),
        reference=("",) * 4,
    )


@pytest.mark.slow
def test_every_star_has_a_row(rows):
    assert [row.name for row in rows] == ["r star", "s star", "six elements", "barium alone"]
    assert [row.process for row in rows] == ["r", "s", "s", "?"]
    assert [bool(row.problem) for row in rows] == [False, False, True, True]


@pytest.mark.slow
def test_where_networks_have_no_answer_probabilities_do(rows):
    assert rows[2].overall == "-"
    assert set(rows[2].cells["er"]) == set(rows[2].cells["pb"]) == {"-"}
    assert rows[2].probability["s"] > 0.9
    assert rows[2].elements == 6
    assert "no europium" in rows[2].problem
    assert np.isnan(rows[3].probability["s"])
    assert rows[3].next_elements == ()
    assert rows[3].next_element == ""


@pytest.mark.slow
def test_binary_cells(rows):
    for name in ("er", "pb"):
        assert rows[0].cells[name][:4] == "rrrr"
        assert rows[1].cells[name][:4] == "ssss"
        assert all(0.5 <= share <= 1.0 for share in rows[0].agreement[name])
    assert (rows[0].overall, rows[1].overall) == ("r", "s")
    assert rows[0].stability > 0.0


@pytest.mark.slow
def test_what_is_kept_on_disk_says_the_same(models, rows, star_of_module, tmp_path):
    save_models(models, tmp_path / "model")
    again = load_models(tmp_path / "model")
    assert again.seeds == 2
    for row, other in zip(rows, label_stars(star_of_module, again), strict=True):
        assert str(other) == str(row)
    assert not [f for f in (tmp_path / "model").rglob("*") if f.suffix in (".pkl", ".pickle")]


@pytest.mark.slow
def test_other_models_are_refused(tmp_path):
    from surrogate.learning.checkpoints import save_model

    save_model(tmp_path / "other", {"a": np.zeros(2)}, {"kind": "something else"})
    with pytest.raises(ValueError, match="something else"):
        load_models(tmp_path / "other")


def test_as_many_labels_as_rows():
    with pytest.raises(ValueError, match="labels: 0"):
        agreement([], TABLE_1)
