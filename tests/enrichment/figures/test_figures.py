"""What is in the pictures, and what they refuse."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.path import Path
from sklearn.metrics import roc_auc_score

from surrogate.enrichment.classifiers.svm import Boundary
from surrogate.enrichment.classifiers.training import training_set
from surrogate.enrichment.figures import (
    draw_i_process,
    draw_latent,
    draw_outputs,
    draw_patterns,
    draw_receivers,
    receivers_at,
    receivers_of,
)
from surrogate.enrichment.figures.latent import boundary_lines
from surrogate.enrichment.figures.outputs import outputs_of

from ..conftest import ELEMENTS, R, S

NO = np.nan
CLASSES = ("r", "s", "", "i")


@pytest.fixture
def stars(star_of):
    """One of r, one of s, one far from all that lacks Er, one without europium."""
    far = [9.0, -3.0, 8.0, -4.0, 9.0, -2.0, 0.0, 7.0, NO, 9.0, NO, NO, NO]
    bare = [v if e != "Eu" else NO for e, v in zip(ELEMENTS, R, strict=True)]
    return star_of(R, S, far, bare)


def star_marks(ax):
    """Filled marks with a rim, which are stars: (n, 2)."""
    found = [
        line.get_xydata()
        for line in ax.lines
        if line.get_marker() not in ("None", "", "|") and line.get_markerfacecolor() != "none"
    ]
    marks = np.concatenate([np.zeros((0, 2)), *found])
    return marks[np.isfinite(marks).all(axis=1)]


def boundary_of(models, *key, seed=0):
    return Boundary(*(np.asarray(a)[seed] for a in models.one_class[key].boundary))


@pytest.mark.parametrize("process", ["r", "s"])
def test_the_boundary_passes_where_the_margin_changes_sign(two_seeds, process):
    boundary = boundary_of(two_seeds, "er", process, "L")
    lines = boundary_lines(boundary)
    assert lines
    for line in lines:
        along = np.gradient(line, axis=0) / boundary.scale
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        step = 0.05 * across / np.linalg.norm(across, axis=1, keepdims=True) * boundary.scale
        one, other = boundary.decide(line + step), boundary.decide(line - step)
        assert np.mean(np.sign(one) != np.sign(other)) > 0.98
    points = boundary.point * boundary.scale + boundary.centre
    crossed = sum(Path(line).contains_points(points).astype(int) for line in lines)
    assert np.mean((crossed % 2 == 1) == boundary.inside(points)) > 0.95


def test_a_hole_is_a_line_of_its_own():
    angle = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    ring = 3.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    flat = Boundary(
        ring, np.ones(60), np.array(-3.0), np.array(1.6), np.zeros(2), np.array([1.0, 2.0])
    )
    assert len(boundary_lines(flat)) == 2
    nowhere = flat._replace(offset=np.array(-1e9))
    assert boundary_lines(nowhere) == []


def test_every_star_with_all_elements_is_in_its_plane(two_seeds, three_processes, stars):
    figure = draw_latent(two_seeds, three_processes, stars, classes=CLASSES)
    r_er, r_pb, s_er, s_pb = figure.axes
    for ax, count in ((r_er, 2), (s_er, 2), (r_pb, 3), (s_pb, 3)):
        marks = star_marks(ax)
        assert len(marks) == count
        # Also the one that is far from all.
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        assert ((marks > [left, bottom]) & (marks < [right, top])).all()
    assert "trained on s" in s_pb.get_title()
    assert "with Pb" in s_pb.get_title()


def test_planes_without_simulations_show_what_the_boundary_was_drawn_around(two_seeds, stars):
    figure = draw_latent(two_seeds, None, stars, classes=CLASSES, size="S", seed=1)
    boundary = boundary_of(two_seeds, "er", "r", "S", seed=1)
    points = boundary.point * boundary.scale + boundary.centre
    (drawn,) = (
        line.get_xydata()
        for line in figure.axes[0].lines
        if line.get_markerfacecolor() == "none" and line.get_marker() == "o"
    )
    np.testing.assert_allclose(drawn, points)


def test_outputs_are_those_of_the_network(two_seeds, three_processes, stars):
    figure = draw_outputs(two_seeds, three_processes, stars, classes=CLASSES, seed=1)
    top, below = figure.axes[0], figure.axes[4]
    net = two_seeds.binary["er", "L"]
    found = outputs_of(net, three_processes, stars, "min", 1)
    counted = sum(np.ptp(p.get_path().vertices[:, 1]) > 0 for p in top.patches)
    assert counted == 2  # r and s
    assert {p: len(v) for p, v in found.simulations.items()} == {"r": 40, "s": 40}
    np.testing.assert_allclose(
        np.sort(star_marks(below)[:, 0]), np.sort(found.stars[np.isfinite(found.stars)])
    )
    bars = [p.get_path().vertices[:, 1].max() for ax in figure.axes[:4] for p in ax.patches]
    assert top.get_ylim()[1] > max(bars)  # no panel of the row is cut off
    threshold = [line for line in top.lines if len(set(line.get_xdata())) == 1]
    assert threshold[0].get_xdata()[0] == pytest.approx(net.threshold["min"][1])
    assert [text.get_text() for text in below.get_yticklabels()] == ["r", "s", "i", "none"]


def test_patterns_have_a_panel_for_each_process_and_one_for_stars(three_processes, stars):
    figure = draw_patterns(three_processes, stars, classes=CLASSES)
    heads = [ax.get_title(loc="left") for ax in figure.axes]
    assert heads[0] == "40 simulations of the r-process"
    assert heads[2] == "12 simulations of the i-process"
    assert heads[3] == "3 of 4 stars"  # one has no europium
    assert "dex" in figure.axes[0].get_ylabel()
    marks = star_marks(figure.axes[3])
    measured = np.isfinite(stars.log_eps[:3]).sum()
    assert len(marks) == measured
    bottom, top = figure.axes[3].get_ylim()
    assert ((marks[:, 1] >= bottom) & (marks[:, 1] <= top)).all()


def test_classes_are_those_of_the_rules_where_none_are_given(three_processes, stars):
    by_rule = draw_patterns(three_processes, stars)
    assert len(star_marks(by_rule.axes[3])) == np.isfinite(stars.log_eps[:3]).sum()


def test_the_i_process_needs_simulations(two_seeds, three_processes, patterns, stars):
    figure = draw_i_process(two_seeds, three_processes, stars.take([1]), classes=["i"])
    assert len(star_marks(figure.axes[0])) == len(ELEMENTS)
    assert len(figure.axes) == 5
    with pytest.raises(ValueError, match="none of process i"):
        draw_i_process(two_seeds, patterns, stars)


@pytest.mark.slow
def test_no_star_at_all(two_seeds, three_processes, stars):
    none = stars.take([])
    for figure in (
        draw_patterns(three_processes, none),
        draw_latent(two_seeds, three_processes, none),
        draw_i_process(two_seeds, three_processes, none),
    ):
        assert len(star_marks(figure.axes[-1])) == 0


def test_wrong_seeds_and_classes_are_named(two_seeds, three_processes, stars):
    with pytest.raises(ValueError, match=r"seed = 2, allowed: 0 to 1"):
        draw_latent(two_seeds, three_processes, stars, seed=2)
    with pytest.raises(ValueError, match=r"classes: 1, allowed: 4"):
        draw_patterns(three_processes, stars, classes=["r"])
    with pytest.raises(ValueError, match=r"classes: 'q', allowed"):
        draw_outputs(two_seeds, three_processes, stars, classes=["q"] * 4)


def test_no_window_is_opened(three_processes, stars):
    before = plt.get_fignums()
    draw_patterns(three_processes, stars)
    assert plt.get_fignums() == before


@pytest.mark.slow
def test_receiver_curves_get_better(training):
    noise = np.random.default_rng(0).normal(0.0, 0.5, training.x.shape)
    training = replace(training, x=training.x + noise.astype(np.float32))
    curves = receivers_at(training, [1, 2000])
    assert curves[0].epoch == 1
    assert curves[0].receiver.auc <= curves[1].receiver.auc == 1.0
    # The curve stays as it is from minimal separation on.
    assert 1 < curves[1].epoch < 2000
    figure = draw_receivers(curves)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[1] == f"epoch {curves[1].epoch}: AUC 1"


def test_only_so_many_curves_can_be_told_apart():
    with pytest.raises(ValueError, match=r"curves: 0, allowed: 1 to"):
        draw_receivers([])


def test_receivers_of_a_trained_network_are_those_of_its_outputs(two_seeds, patterns):
    net = two_seeds.binary["er", "S"]
    training = training_set(patterns, net.elements)
    curves = receivers_of(net, training, seed=1)
    assert [curve.epoch for curve in curves] == [int(net.epoch[s][1]) for s in ("min", "max")]
    output = net.output(training.x, "max")[1]
    expected = roc_auc_score(training.label, output)
    assert curves[1].receiver.auc == pytest.approx(expected)
