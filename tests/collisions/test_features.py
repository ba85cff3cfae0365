import jax.numpy as jnp
import numpy as np

from surrogate.collisions.features import Standardiser, published_features


def test_features_of_the_paper():
    x = published_features(0.999, 2.0, 1.0, 0.9, 90.0)
    np.testing.assert_allclose(x, [0.0, 0.0, 2.0, np.log(2.0), 0.0], atol=1e-6)


def test_features_broadcast_and_are_finite_at_the_edges():
    x = published_features(0.0, 0.1, 0.1, jnp.array([0.0, 1.0]), 0.0)
    assert x.shape == (2, 5)
    assert jnp.isfinite(x).all()


def test_standardised_features_have_no_mean_and_unit_variance():
    x = 3.0 + 5.0 * np.random.default_rng(0).normal(size=(500, 5))
    z = Standardiser.fit(x)(x)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-6)
