import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from surrogate.collisions.features import ODD_FEATURES, StructureFeatures
from surrogate.collisions.networks import N_EVEN, N_FEATURES, NETWORKS, network

LAST_AXES = {
    "classifier": [(4,)],
    "regressor": [(3,)],
    "mixture": [(4,), (4, 3)],
    "ensemble": [(5,), (5, 3), (5, 2)],
    "fast": [(5,), (5, 3), (5, 2)],
}
"""Of each output of each network."""
EVEN = {"ensemble": N_EVEN, "fast": N_EVEN - 1}
"""How many even features the symmetric networks read."""


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


def features(name, batch=(), seed=1):
    """What a network reads, of any value."""
    key = jax.random.key(seed)
    if name not in EVEN:
        return jax.random.normal(key, (*batch, N_FEATURES))
    even = jax.random.normal(key, (*batch, EVEN[name]))
    odd = jnp.full((*batch, len(ODD_FEATURES)), 0.7)
    return StructureFeatures(even, odd, jnp.broadcast_to(jnp.array([0.8, 0.2]), (*batch, 2)))


@pytest.mark.slow
def test_output_shapes_follow_the_batch(name):
    net = network(name)
    params = jax.eval_shape(net.init, jax.random.key(0))
    for batch in [(), (7,), (2, 3)]:
        output = jax.eval_shape(net.apply, params, features(name, batch))
        shapes = [leaf.shape for leaf in jax.tree.leaves(output)]
        assert shapes == [(*batch, *last) for last in LAST_AXES[name]]


@pytest.mark.slow
def test_pure_function_is_the_module(name):
    module = NETWORKS[name](rngs=nnx.Rngs(jax.random.key(3)))
    x = features(name, (4,))
    net = network(name)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6),
        module(x),
        net.apply(net.init(jax.random.key(3)), x),
    )


@pytest.mark.slow
def test_a_key_decides_the_initial_weights(name):
    init = network(name).init
    one, same, other = (init(jax.random.key(k)) for k in (0, 0, 1))
    jax.tree.map(np.testing.assert_array_equal, one, same)
    kernels = [k for k in one if k.endswith("kernel")]
    assert all(jnp.any(one[k] != other[k]) for k in kernels)


@pytest.mark.parametrize("name", ["regressor", "mixture"])
def test_fractions_are_positive_and_sum_to_one(name):
    net = network(name)
    output = net.apply(net.init(jax.random.key(0)), 3 * features(name, (50,)))
    fractions = output[1] if name == "mixture" else output
    np.testing.assert_allclose(fractions.sum(axis=-1), 1.0, atol=1e-6)
    assert fractions.min() > 0.0


def test_sizes_of_the_paper():
    kernels = network("classifier").init(jax.random.key(0))
    shapes = [v.shape for k, v in sorted(kernels.items()) if k.endswith("kernel")]
    assert shapes == [(5, 512), (512, 256), (256, 128), (128, 4)]
