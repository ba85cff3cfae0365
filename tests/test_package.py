import subprocess
import sys

import pytest

import surrogate
from surrogate.collisions.models import MODELS
from surrogate.collisions.predictor import shipped_checkpoints


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_the_package_imports_nothing_heavy():
    heavy = {"jax", "flax", "optax", "orbax", "numpy", "sklearn", "h5py"}
    loaded = run("import sys, surrogate; print(*{m.split('.')[0] for m in sys.modules})")
    assert not heavy & set(loaded)


def test_importing_the_package_changes_no_setting_of_jax():
    code = """
import jax
names = ("jax_enable_x64", "jax_default_matmul_precision", "jax_numpy_rank_promotion")
before = [getattr(jax.config, name) for name in names]
import surrogate; surrogate.load()
print(before == [getattr(jax.config, name) for name in names])
"""
    assert run(code) == ["True"]


@pytest.mark.parametrize("name", surrogate.__all__)
def test_public_names_exist_and_are_documented(name):
    assert getattr(surrogate, name).__doc__


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="colide"):
        _ = surrogate.colide


@pytest.mark.parametrize("network", sorted({p for m in MODELS.values() for p in m.parts}))
def test_checkpoints_are_shipped(network):
    assert (shipped_checkpoints() / network / "card.json").is_file()
