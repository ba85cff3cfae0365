import numpy as np
import pytest
from sklearn.svm import OneClassSVM

from surrogate.enrichment.classifiers.one_class import fit_one_class
from surrogate.enrichment.classifiers.svm import NUS, fit_boundary
from surrogate.enrichment.classifiers.training import Split, random_split

SEEDS = (0, 1)
OPTIONS = {"size": "S", "epochs": 500, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def own(training):
    return training.of("s")


@pytest.fixture(scope="module")
def split(own):
    return random_split(len(own), SEEDS)


@pytest.fixture(scope="module")
def net(own, split):
    return fit_one_class(own, split, SEEDS, **OPTIONS)


def test_it_keeps_its_class_and_no_other(training, own, net):
    assert net.process == "s"
    assert net.votes(own.x).mean() >= 0.85
    assert net.votes(training.of("r").x).mean() <= 0.1


def test_a_seed_alone_is_the_seed_among_others(own, split, net):
    alone = Split(*(part[1:] for part in split))
    one = fit_one_class(own, alone, SEEDS[1:], **OPTIONS)
    np.testing.assert_allclose(one.latent(own.x)[0], net.latent(own.x)[1], atol=5e-3)


def test_the_weights_are_those_of_the_least_validation_loss(net):
    np.testing.assert_array_equal(net.epoch, net.history["validation"].argmin(axis=1) + 1)


def test_no_answer_without_an_element(own, net):
    x = own.x[:2].copy()
    x[1, 0] = np.nan
    assert (net.votes(x)[:, 1] == -1).all()
    assert (net.votes(x)[:, 0] >= 0).all()


def test_one_class_means_one(training, split):
    with pytest.raises(ValueError, match="several processes"):
        fit_one_class(training, split, SEEDS, **OPTIONS)


@pytest.fixture(scope="module")
def plane():
    return np.random.default_rng(4).normal(size=(80, 2)) * [3.0, 0.2] + [5.0, -1.0]


def test_a_boundary_is_the_machine_it_was_made_of(plane):
    boundary = fit_boundary(plane)
    u = (plane - boundary.centre) / boundary.scale
    machines = (OneClassSVM(nu=nu, gamma=float(boundary.gamma)).fit(u) for nu in NUS)
    probes = u[:20] * 1.7
    found = boundary.decide(probes * boundary.scale + boundary.centre)
    assert any(np.allclose(found, m.decision_function(probes), atol=1e-9) for m in machines)


def test_a_boundary_holds_unseen_points_of_its_class(plane):
    unseen = np.random.default_rng(5).normal(size=(400, 2)) * [3.0, 0.2] + [5.0, -1.0]
    boundary = fit_boundary(plane)
    assert boundary.inside(unseen).mean() >= 0.85
    assert not boundary.inside(plane + np.array([0.0, 2.0])).any()


def test_scale_and_place_of_the_plane_do_not_matter(plane):
    moved = plane * [0.01, 40.0] + [100.0, 7.0]
    one, other = fit_boundary(plane), fit_boundary(moved)
    probes = plane[:30] * 1.1
    np.testing.assert_allclose(
        one.decide(probes), other.decide(probes * [0.01, 40.0] + [100.0, 7.0]), atol=1e-6
    )


def test_the_order_of_points_does_not_matter(plane):
    order = np.random.default_rng(6).permutation(len(plane))
    one, other = fit_boundary(plane), fit_boundary(plane[order])
    assert one.gamma == other.gamma
    # The machine's solver stops at a tolerance.
    np.testing.assert_allclose(one.decide(plane), other.decide(plane), atol=2e-2)


def test_too_few_points():
    with pytest.raises(ValueError, match="3 points"):
        fit_boundary(np.zeros((3, 2)))
