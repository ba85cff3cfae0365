"""The regressor whose layers are in the other order."""

import jax
import jax.numpy as jnp
import numpy as np


def test_the_same_weights_in_another_order_say_something_else():
    from support.recipes import NORM_FIRST, RECIPES, functional_of

    first, second = (functional_of(name) for name in ("regressor", NORM_FIRST))
    weights = first.init(jax.random.key(0))
    x = jnp.linspace(-1.0, 1.0, 5)
    one, other = first.apply(weights, x), second.apply(weights, x)
    np.testing.assert_allclose([one.sum(), other.sum()], 1.0, rtol=1e-6)
    assert np.abs(one - other).max() > 1e-3
    assert RECIPES[NORM_FIRST].config == RECIPES["regressor"].config


def test_hidden_units_of_the_variant_may_be_silent():
    """An activation comes last, so that features are sparse; normalised ones are never all zero."""
    from support.recipes import NORM_FIRST, functional_of

    variant = functional_of(NORM_FIRST)
    weights = variant.init(jax.random.key(0))
    silent = {
        k: jnp.full_like(v, -10.0) if k.endswith("2/norm/bias") else v for k, v in weights.items()
    }
    said = variant.apply(silent, jnp.ones(5))
    expected = jax.nn.softmax(weights["body/out/bias"])
    np.testing.assert_allclose(said, expected, rtol=1e-5)
