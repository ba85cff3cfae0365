import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surrogate.learning import fit as fit_module
from surrogate.learning.fit import FitConfig, Task, fit

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
