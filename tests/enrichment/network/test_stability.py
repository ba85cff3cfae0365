"""After all decays only what lasts is left, and nothing is lost."""

import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.enrichment.network.composition import State
from surrogate.enrichment.network.stability import decayed, elements, fates

from .conftest import some_state


def test_everything_ends_stable_and_nothing_is_lost(network):
    lasting = fates(network, np.inf)
    state = some_state(network)
    y = decayed(lasting, state)
    assert float(y @ lasting.a) == pytest.approx(1.0, abs=1e-9)
    rates = network.beta + network.plus + network.alpha + network.spontaneous
    ends = [network.nuclei.at((z, a - z)) for z, a in zip(lasting.z, lasting.a, strict=True)]
    assert all(rates[end] == 0.0 for end in ends)
    both = State(*(jnp.stack([x, 2.0 * x]) for x in state))
    np.testing.assert_allclose(decayed(lasting, both)[1], 2.0 * y, rtol=1e-12)
    assert float(elements(lasting, y, 111).sum()) == pytest.approx(float(y.sum()))


def test_uranium_becomes_lead_unless_it_lasts(real):
    y = np.zeros(real.mask.shape)
    y[real.nuclei.at((92, 146))] = 1.0
    state = State(jnp.asarray(y), jnp.asarray(0.0))
    kept = elements(fates(real), decayed(fates(real), state))
    assert float(kept[92]) == pytest.approx(1.0)
    gone = elements(fates(real, np.inf), decayed(fates(real, np.inf), state))
    # Eight alpha particles on the way to Pb 206; spontaneous fission is rare.
    assert float(gone[82]) == pytest.approx(1.0, abs=1e-3)
    assert float(gone[2]) == pytest.approx(8.0, abs=1e-2)
