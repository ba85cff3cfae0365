"""What the pictures of the experiments are made of."""

import importlib
import sys
from dataclasses import fields
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from surrogate import Fate
from surrogate.collisions.evaluate import confusion
from surrogate.collisions.features import Standardiser
from surrogate.collisions.grid import Grid
from surrogate.collisions.splits import Split, published_features
from surrogate.collisions.tides import capture_energy, is_captured
from surrogate.reports.style import styled

FOLDER = Path(__file__).parents[2] / "experiments" / "collisions"


@pytest.fixture(scope="module")
def load():
    """Import a script or a room that the scripts share by its name."""
    sys.path.insert(0, str(FOLDER))
    with styled():
        yield importlib.import_module
    plt.close("all")
    sys.path.remove(str(FOLDER))


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def data(load):
    """Two slabs of two rows, all of them training rows."""
    rows = load("support.rows")
    columns = {
        "age": [0.001, 0.001, 0.0063056, 0.0063056],
        "rp": [0.0, 3.0, 0.0, 10.0],
        "vinf": [10.0, 4000.0, 100.0, 500.0],
        "m1": [32.0] * 4,
        "m2": [4.0] * 4,
        "r1": [5.5, 5.5, 20.0, 20.0],
        "r2": [1.5] * 4,
        "fate": [Fate.MERGER, Fate.TWO, Fate.MERGER, Fate.TWO],
        "m1_final": [35.0, 31.0, 34.0, 30.0],
        "m2_final": [0.0, 3.0, 0.0, 2.0],
    }
    arrays = {f.name: np.array(columns.get(f.name, [1.0] * 4)) for f in fields(Grid)}
    grid = Grid(**arrays)
    x = published_features(grid)
    scales = Standardiser(mean=x.mean(axis=0), std=x.std(axis=0) + 1.0)
    part = rows.Rows(np.asarray(scales(x)), grid.fate, grid.fractions, grid)
    nothing = np.zeros(0, int)
    return rows.Data(grid, Split(np.arange(4), nothing, nothing), scales, part, part, part)


def test_fates_are_ordered_in_grey(load):
    style = load("surrogate.reports.style")
    seen = [style.luminance(look.colour) for look in style.FATES.values()]
    tinted = [style.luminance(style.tint(look.colour)) for look in style.FATES.values()]
    assert set(style.FATES) == set(Fate)
    for shades in (seen, tinted):
        assert (np.diff(shades) > 0.08).all()
    assert len({look.marker for look in style.FATES.values()}) == len(Fate)


def test_methods_are_ordered_in_grey(load):
    methods = load("surrogate.reports.style").METHODS
    luminance = load("surrogate.reports.style").luminance
    names = ["network", "SVC", "mixture", "k-NN"]
    assert (np.diff([luminance(methods[name].colour) for name in names]) > 0.08).all()


@pytest.mark.parametrize("grey", np.linspace(0.0, 1.0, 11))
def test_ink_reads(load, grey):
    style = load("surrogate.reports.style")
    light, dark = sorted(
        (style.luminance((grey,) * 3), style.luminance(style.ink((grey,) * 3))), reverse=True
    )
    assert (light + 0.05) / (dark + 0.05) > 4.5  # WCAG 2, level AA


def test_luminance_of_known_colours(load):
    luminance = load("surrogate.reports.style").luminance
    assert luminance("black") == 0.0
    assert luminance("white") == pytest.approx(1.0)
    assert luminance("#808080") == pytest.approx(0.2159, abs=1e-4)


def test_pictures_are_written(load, axes, tmp_path, capsys):
    run = load("surrogate.reports.run").Run("figure_0", out=tmp_path)
    axes.plot([0, 1])
    load("surrogate.reports.style").save(axes.figure, run)
    written = [run.folder / "figure_0.png", run.folder / "figure_0.pdf"]
    assert all(path.stat().st_size > 1000 for path in written)
    assert capsys.readouterr().out.split() == list(map(str, written))
    assert not plt.fignum_exists(axes.figure.number)


def test_mesh_keeps_the_stars(load, data):
    slices = load("support.slices")
    slab = slices.Slab(age=0.0063056, m1=32.0, m2=4.0)
    rp, vinf = np.meshgrid([0.0, 5.0, 10.0], [10.0, 500.0])
    rows = slices.mesh(data, slab, rp, vinf)
    assert slices.contact(data.grid, slab) == 21.5
    assert (rows.grid.r1 == 20.0).all()
    assert (rows.grid.age == 0.0063056).all()
    np.testing.assert_array_equal(rows.grid.rp, rp.ravel())
    np.testing.assert_array_equal(rows.grid.vinf, vinf.ravel())
    assert (rows.fate == slices.UNKNOWN).all()
    assert np.isnan(rows.fractions).all()
    # The last point was simulated: a learner sees the same.
    np.testing.assert_allclose(rows.x[-1], data.train.x[-1], rtol=1e-6)


def test_slices_are_picked(load, data):
    slices = load("support.slices")
    slab = slices.Slab(age=0.001, m1=32.0, m2=4.0)
    here = slices.pick_rows(data.train, slab)
    np.testing.assert_array_equal(here.fate, [Fate.MERGER, Fate.TWO])
    np.testing.assert_array_equal(here.grid.rp, slices.pick(data.grid, slab).rp)
    assert len(slices.pick(data.grid, slab._replace(m2=8.0))) == 0
    with pytest.raises(ValueError, match=r"m2=8\.0"):
        slices.contact(data.grid, slab._replace(m2=8.0))


def test_test_rows_are_a_part_only_where_they_are_judged(load, data):
    slices = load("support.slices")
    tested = data._replace(judged=data.train._replace(x=data.train.x[:1]))
    assert list(slices.parts(data)) == ["training", "validation"]
    assert list(slices.parts(tested)) == ["training", "validation", "test"]


@pytest.mark.slow
def test_binding_agrees_with_the_library(load, data):
    slices = load("support.slices")
    slab = slices.Slab(age=0.001, m1=32.0, m2=4.0)
    rp, vinf = np.meshgrid(np.linspace(7.0, 14.0, 20), np.geomspace(5.0, 500.0, 20))
    rows = slices.mesh(data, slab, rp, vinf)
    g = rows.grid
    captured = is_captured(*capture_energy(g.m1, g.m2, g.r1, g.r2, g.rp, g.vinf))
    np.testing.assert_array_equal(slices.binding(rows) >= 1.0, captured)
    assert 0 < np.count_nonzero(captured) < rp.size


def test_every_cell_of_a_confusion_is_annotated(load, axes):
    confusions = load("support.confusions")
    true = np.repeat(np.arange(3), 10)  # nothing is stripped
    counts = confusion(np.where(np.arange(30) % 5 == 0, 3, true), true)
    confusions.draw_confusion(axes, counts, "a title")
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert len(texts) == 16
    assert texts[0, 0] == "80.0%\n8"
    assert texts[3, 1] == "20.0%\n2"
    assert texts[3, 3] == "-\n0"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == confusions.NAMES
    np.testing.assert_allclose(confusions.shares(counts)[:3].sum(axis=1), 1.0)


@pytest.mark.parametrize("n", [1, 3, 8])
def test_moving_average(load, n):
    average = load("figure_10").moving_average
    values = np.arange(n, dtype=float) ** 2
    smooth = average(values, 5)
    assert smooth.shape == (n,)
    np.testing.assert_allclose(average(np.full(n, 3.0), 5), 3.0)
    np.testing.assert_array_equal(average(values, 1), values)
    for i in range(2, n - 2):
        assert smooth[i] == pytest.approx(values[i - 2 : i + 3].mean())


def test_violins_show_median_and_mean(load, axes):
    violins = load("support.violins")
    errors = np.array([0.0, 1e-3, 1e-2, 1.0, 1.0])
    violins.draw_violin(axes, 0.0, errors, "#004488", side="low")
    bars = [line.get_segments()[0] for line in axes.collections[1:]]
    assert [bar[0, 1] for bar in bars] == pytest.approx([-2.0, np.log10(errors.mean())])
    assert all(bar[:, 0].max() == 0.0 for bar in bars)
    np.testing.assert_array_equal(violins.decades(np.array([0.0, 1e-12, 1.0])), [-10, -10, 0])


@pytest.mark.parametrize("errors", [[], [0.1], [0.0, 0.0, 0.0]])
def test_violins_of_few_or_equal_errors(load, axes, errors):
    load("support.violins").draw_violin(axes, 0.0, np.array(errors), "#004488")
    axes.figure.canvas.draw()


def test_ages_of_the_grid_have_a_kind(load):
    kind = load("figure_1").kind
    assert [kind(age) for age in (0.003162278, 13.7, 2.0174e-05, 0.006305665)] == [
        "base grid",
        "base grid",
        "ZAMS",
        "TAMS",
    ]


def test_relative_errors_are_of_survivors(load, data):
    total = data.grid.m1 + data.grid.m2
    said = np.stack([0.9 * data.grid.m1_final, data.grid.m2_final, 0 * total], axis=1)
    found = load("figure_5").find_errors(said / total[:, None], data.judged)
    absolute1, absolute2, relative1, relative2 = found.values()
    np.testing.assert_allclose(relative1, 0.1)
    np.testing.assert_allclose(absolute1, 0.1 * data.grid.m1_final)
    np.testing.assert_allclose(absolute2, 0.0, atol=1e-12)
    assert relative2.shape == (2,)
