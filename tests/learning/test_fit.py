from dataclasses import asdict

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.learning import fit as fit_module
from surrogate.learning.fit import FitConfig, Plateau, SearchConfig, Task, fit

CONFIG = FitConfig(epochs=6, batch_size=16, learning_rate=1e-2, snapshot_every=2)


def line_task():
    """Learns y = a x + b."""

    def init(key):
        a, b = jax.random.normal(key, (2,))
        return {"a": a, "b": b}

    def loss(params, rows):
        x, y = rows
        return jnp.mean((params["a"] * x + params["b"] - y) ** 2)

    return Task(init, loss, lambda params, rows: {"score": loss(params, rows)})


@pytest.fixture(scope="module")
def rows():
    x = jax.random.normal(jax.random.key(7), (200,))
    return x, 2.0 * x - 1.0


def run(rows, config=CONFIG, seeds=(0, 1), **kwargs):
    return fit(line_task(), rows, rows, config, seeds, **kwargs)


def assert_same(a, b):
    jax.tree.map(np.testing.assert_array_equal, a, b)


def test_training_finds_the_line(rows):
    state = run(rows, FitConfig(epochs=100, batch_size=20, learning_rate=0.1))
    np.testing.assert_allclose(state.best_params["a"], 2.0, atol=0.05)
    np.testing.assert_allclose(state.best_params["b"], -1.0, atol=0.05)


def test_the_best_epoch_is_kept(rows):
    state = run(rows)
    scores = np.asarray(state.history["score"])
    np.testing.assert_array_equal(state.best_score, scores.min(axis=1))
    np.testing.assert_array_equal(state.best_epoch, scores.argmin(axis=1) + 1)


def test_a_seed_reproduces_a_run(rows):
    assert_same(run(rows), run(rows))


@pytest.mark.slow
def test_a_seed_gives_the_same_model_alone_or_among_others(rows):
    alone = run(rows, seeds=(1,))
    among = run(rows, seeds=(0, 1, 2))
    np.testing.assert_allclose(alone.params["a"][0], among.params["a"][1], rtol=1e-5)


def test_seeds_differ(rows):
    a = run(rows).params["a"]
    assert a[0] != a[1]


class Killed(BaseException):
    """Stands for a signal that no handler sees."""


def stop_at(monkeypatch, epoch, error):
    """Make the progress report raise after `epoch` epochs."""
    original = fit_module.epochs_progress

    class Stopping:
        def __init__(self, *args):
            self.inner = original(*args)

        def __enter__(self):
            report = self.inner.__enter__()

            def stop(done, measures):
                report(done, measures)
                if done == epoch:
                    raise error

            return stop

        def __exit__(self, *args):
            return self.inner.__exit__(*args)

    monkeypatch.setattr(fit_module, "epochs_progress", Stopping)


@pytest.mark.slow
@pytest.mark.parametrize("error", [Killed(), KeyboardInterrupt()])
def test_a_stopped_run_resumes_to_the_same_result(rows, tmp_path, monkeypatch, error):
    whole = run(rows)
    with monkeypatch.context() as patch:
        stop_at(patch, 3, error)
        with pytest.raises(type(error)):
            run(rows, directory=tmp_path)
    assert_same(run(rows, directory=tmp_path), whole)


def test_a_finished_run_is_not_run_again(rows, tmp_path, monkeypatch):
    whole = run(rows, directory=tmp_path)
    stop_at(monkeypatch, 1, AssertionError("trained again"))
    assert_same(run(rows, directory=tmp_path), whole)


def test_snapshots_of_another_run_are_refused(rows, tmp_path):
    run(rows, directory=tmp_path)
    with pytest.raises(ValueError, match="another run"):
        run(rows, seeds=(5, 6), directory=tmp_path)
    x, y = rows
    with pytest.raises(ValueError, match="another run"):
        run((x, y + 1.0), directory=tmp_path)


def test_a_batch_larger_than_the_rows_is_refused(rows):
    with pytest.raises(ValueError, match=r"batch_size = 300: allowed are 1 to 200"):
        run(rows, FitConfig(epochs=1, batch_size=300, learning_rate=0.1))


def search(epochs=8, **settings):
    return SearchConfig(epochs=epochs, batch_size=50, learning_rate=0.1, **settings)


def test_sgd_finds_the_line(rows):
    state = run(rows, search(60, optimiser="SGD"))
    np.testing.assert_allclose(state.best_params["a"], 2.0, atol=0.05)
    np.testing.assert_allclose(state.best_params["b"], -1.0, atol=0.05)


@pytest.mark.slow
def test_a_step_of_sgd_is_the_rate_times_the_gradient(rows):
    everything = SearchConfig(epochs=1, batch_size=200, learning_rate=0.1, optimiser="SGD")
    state = run(rows, everything, seeds=(3,))
    start = line_task().init(jax.random.key(3))
    slope = jax.grad(line_task().loss)(start, rows)
    for name, value in start.items():
        np.testing.assert_allclose(state.params[name][0], value - 0.1 * slope[name], rtol=1e-5)


def rates(config, seeds):
    """The rate of each epoch: down a slope of one, a step is as long as the rate.

    Seed 0 starts at 0, seed 1 at -1; the score is better from -0.375 on.
    """

    def init(key):
        return {"at": -jax.random.key_data(key)[1].astype(float)}

    def evaluate(params, rows):
        return {"score": jnp.where(params["at"] < -0.375, 0.5, 1.0), **params}

    task = Task(init, lambda params, rows: params["at"], evaluate)
    rows = jnp.zeros(config.batch_size)
    at = np.asarray(fit(task, rows, rows, config, seeds).history["at"])
    return -np.diff(at, axis=1, prepend=-np.asarray(seeds, float)[:, None])


def test_the_rate_falls_when_the_score_has_not_improved_for_as_long_as_the_patience():
    config = search(9, optimiser="SGD", plateau=Plateau(patience=2, factor=0.5))
    never, late = rates(config, (1, 0))
    # Best after epoch 1, so lowered after 3, 5 and 7.
    expected = [0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125]
    np.testing.assert_allclose(never, expected, atol=1e-6)
    # At -0.3 lowered as well, but at -0.4, after epoch 5, better; so lowered again after 7 and 9.
    expected = [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025]
    np.testing.assert_allclose(late, expected, atol=1e-6)


def test_the_rate_falls_where_there_never_was_a_score(rows):
    lost = line_task()._replace(evaluate=lambda params, rows: {"score": jnp.array(jnp.nan)})
    state = fit(lost, rows, rows, search(4, plateau=Plateau(2, 0.5)), (0,))
    np.testing.assert_allclose(state.opt_state.hyperparams["rate"], [0.025])


def test_the_rate_falls_along_a_cosine():
    found = rates(search(4, optimiser="SGD"), (0,))[0]
    np.testing.assert_allclose(found, 0.05 * (1.0 + np.cos(np.pi * np.arange(4) / 4)), atol=1e-6)


@pytest.mark.slow
def test_a_stopped_run_with_a_plateau_resumes_to_the_same_result(rows, tmp_path, monkeypatch):
    config = search(6, plateau=Plateau(1, 0.3))
    whole = run(rows, config)
    with monkeypatch.context() as patch:
        stop_at(patch, 3, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            run(rows, config, directory=tmp_path)
    assert_same(run(rows, config, directory=tmp_path), whole)


@pytest.mark.slow
def test_a_search_config_as_it_stands_trains_as_any_other(rows):
    assert_same(run(rows, SearchConfig(**asdict(CONFIG))), run(rows))


def test_a_run_is_known_by_the_same_text_as_ever():
    assert repr(CONFIG) == (
        "FitConfig(epochs=6, batch_size=16, learning_rate=0.01, final_learning_rate=1e-08, "
        "weight_decay=0.01, snapshot_every=2)"
    )
    assert set(asdict(CONFIG)) == {
        *("epochs", "batch_size", "learning_rate"),
        *("final_learning_rate", "weight_decay", "snapshot_every"),
    }


def test_an_unknown_optimiser_is_refused():
    with pytest.raises(ValueError, match=r"optimiser = 'adam': allowed are AdamW, SGD"):
        search(optimiser="adam")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"patience": 0}, r"patience = 0: allowed are 1 and more"),
        ({"factor": 1.0}, r"factor = 1.0: allowed are values between 0 and 1"),
        ({"factor": 0.0}, r"factor = 0.0: allowed are values between 0 and 1"),
        ({"factor": float("nan")}, r"factor = nan: allowed are values between 0 and 1"),
    ],
)
def test_a_plateau_that_makes_no_sense_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Plateau(**settings)
