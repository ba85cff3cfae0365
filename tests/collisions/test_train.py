import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.collisions.features import Standardiser
from surrogate.collisions.grid import Grid, Split
from surrogate.collisions.train import RECIPES, prepare, train
from surrogate.learning.checkpoints import load_model

SPLIT = Split(np.arange(0, 300), np.arange(300, 400), np.array([], int))


@pytest.fixture(scope="module")
def grid(synthetic_grid):
    return synthetic_grid(400)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_every_network_trains_and_leaves_a_card(name, grid, tmp_path):
    card = train(
        name, grid, SPLIT, seeds=[3, 4], out=tmp_path / name, epochs=2, provenance={"data": "rule"}
    )
    arrays, found = load_model(tmp_path / name)
    assert found["data"] == "rule"
    assert found["network"] == name
    assert found["seed"] in (3, 4)
    assert all(len(values) == 2 for values in card["validation"].values())
    assert {"features/mean", "features/std"} < arrays.keys()


@pytest.mark.slow
def test_the_card_tells_the_shipped_seed(grid, tmp_path):
    card = train("classifier", grid, SPLIT, seeds=[0, 1], out=tmp_path / "c", epochs=2)
    assert card["seed"] == int(np.argmin(card["validation"]["score"]))


@pytest.mark.slow
def test_a_seed_gives_the_same_checkpoint(grid, tmp_path):
    for name in ("a", "b"):
        train("regressor", grid, SPLIT, seeds=[5], out=tmp_path / name, epochs=2)
    one, two = (load_model(tmp_path / name)[0] for name in ("a", "b"))
    jax.tree.map(np.testing.assert_array_equal, one, two)


def test_experts_learn_from_their_own_class_alone(grid):
    recipe = RECIPES["mixture"]
    scales = Standardiser(jnp.zeros(5), jnp.ones(5))
    rows = prepare(grid, np.flatnonzero(grid.fate == 1), scales)
    task = recipe.task(jnp.ones(4), recipe.aux_weight)
    params = task.init(jax.random.key(0))
    gradient = jax.jit(jax.grad(task.loss))(params, rows)
    for expert in range(4):
        parts = [jnp.abs(v).max() for k, v in gradient.items() if f"experts/{expert}/" in k]
        assert bool(max(parts) > 0) == (expert == 1)


def test_rows_keep_the_survivor_in_its_own_slot(grid):
    one = grid.take(np.flatnonzero(grid.fate == 3)[:1])
    swapped = Grid(**one.columns() | {"m1_final": one.m2_final, "m2_final": one.m1_final})
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


def test_an_unknown_network_is_refused(grid, tmp_path):
    with pytest.raises(ValueError, match=r"model = 'forest': allowed are classifier"):
        train("forest", grid, SPLIT, seeds=[0], out=tmp_path)
