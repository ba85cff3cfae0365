import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.features import Standardiser
from surrogate.collisions.grid import Grid, Split
from surrogate.collisions.train import RECIPES, prepare, train
from surrogate.learning.checkpoints import load_model


def synthetic_grid(n=400, seed=0):
    """Collisions by a rule: slow ones merge, fast and deep ones destroy one star or both."""
    rng = np.random.default_rng(seed)
    m1, m2 = np.sort(rng.uniform(0.2, 10.0, (2, n)), axis=0)[::-1]
    rp, vinf = rng.uniform(0.0, 2.0, n), 10 ** rng.uniform(1.0, 4.2, n)
    fate = np.select([vinf < 500, (rp < 0.4) & (m1 < 2 * m2), rp < 0.4], [1, 0, 3], default=2)
    total = m1 + m2
    return Grid(
        age=rng.uniform(0.01, 1.0, n),
        rp=rp,
        vinf=vinf,
        m1=m1,
        m2=m2,
        r1=m1,
        r2=m2,
        fate=fate,
        m1_final=np.select([fate == 1, fate == 2, fate == 3], [0.95 * total, 0.99 * m1, 0.3 * m1]),
        m2_final=np.where(fate == 2, 0.98 * m2, 0.0),
        sigma=np.ones(n, int),
        metallicity=np.full(n, 0.01),
    )


GRID = synthetic_grid()
SPLIT = Split(np.arange(0, 300), np.arange(300, 400), np.array([], int))


@pytest.mark.parametrize("name", RECIPES)
def test_every_network_trains_and_leaves_a_card(name, tmp_path):
    card = train(
        name, GRID, SPLIT, seeds=[3, 4], out=tmp_path / name, epochs=2, provenance={"data": "rule"}
    )
    arrays, found = load_model(tmp_path / name)
    assert found["data"] == "rule"
    assert found["network"] == name
    assert found["seed"] in (3, 4)
    assert all(len(values) == 2 for values in card["validation"].values())
    assert {"features/mean", "features/std"} < arrays.keys()


def test_the_card_tells_the_shipped_seed(tmp_path):
    card = train("classifier", GRID, SPLIT, seeds=[0, 1], out=tmp_path / "c", epochs=2)
    assert card["seed"] == int(np.argmin(card["validation"]["score"]))


def test_a_seed_gives_the_same_checkpoint(tmp_path):
    for name in ("a", "b"):
        train("regressor", GRID, SPLIT, seeds=[5], out=tmp_path / name, epochs=2)
    one, two = (load_model(tmp_path / name)[0] for name in ("a", "b"))
    jax.tree.map(np.testing.assert_array_equal, one, two)


def test_experts_learn_from_their_own_class_alone():
    recipe = RECIPES["mixture"]
    scales = Standardiser(jnp.zeros(5), jnp.ones(5))
    rows = prepare(GRID, np.flatnonzero(GRID.fate == 1), scales)
    task = recipe.task(jnp.ones(4), recipe.aux_weight)
    params = task.init(jax.random.key(0))
    gradient = jax.jit(jax.grad(task.loss))(params, rows)
    for expert in range(4):
        parts = [jnp.abs(v).max() for k, v in gradient.items() if f"experts/{expert}/" in k]
        assert bool(max(parts) > 0) == (expert == 1)


def test_rows_keep_the_survivor_in_its_own_slot():
    grid = GRID.take(np.flatnonzero(GRID.fate == 3)[:1])
    swapped = Grid(**{**grid.columns(), "m1_final": grid.m2_final, "m2_final": grid.m1_final})
    rows = prepare(swapped, np.array([0]), Standardiser(jnp.zeros(5), jnp.ones(5)))
    assert rows.fractions[0, 0] == 0.0
    assert rows.fractions[0, 1] > 0.0


def test_hyperparameters_are_those_of_the_paper():
    found = {
        name: (r.config.epochs, r.config.batch_size, r.config.learning_rate, r.aux_weight)
        for name, r in RECIPES.items()
    }
    assert found == {
        "classifier": (500, 64, 2e-4, None),
        "regressor": (2000, 64, 2e-4, 0.31),
        "mixture": (500, 128, 4e-4, 0.77),
    }


def test_an_unknown_network_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"model = 'forest': allowed are classifier"):
        train("forest", GRID, SPLIT, seeds=[0], out=tmp_path)
