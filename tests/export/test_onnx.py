"""ONNX says what the model says, for any number of encounters."""

import re
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surrogate
from surrogate.collisions.encounter import Domain
from surrogate.export.arrays import ARGUMENTS, FIELDS
from surrogate.export.onnx import export_onnx, translate
from surrogate.export.onnx_graph import Graph

from .conftest import (
    GUIDE,
    MASSES,
    NAMES,
    asked,
    assert_conserving_and_alike,
    assert_same,
    encounters,
    swapped,
)

NEEDED = "needs onnx and onnxruntime: pip install 'stellar-surrogate[onnx]'"
onnx = pytest.importorskip("onnx", reason=NEEDED)
onnxruntime = pytest.importorskip("onnxruntime", reason=NEEDED)
MOST = 20_000
"""Encounters at once; of more, the ensemble's layers take gigabytes."""


@pytest.fixture(scope="module", params=NAMES)
def exported(request, tmp_path_factory):
    """A model and its ONNX, called from here."""
    model = surrogate.load(request.param)
    (file,) = export_onnx(model, tmp_path_factory.mktemp(request.param), prefix="sgt")
    session = onnxruntime.InferenceSession(file)
    assert tuple(x.name for x in session.get_inputs()) == ARGUMENTS
    assert tuple(x.name for x in session.get_outputs()) == FIELDS

    def collide(found):
        parts = []
        for first in range(0, len(found), MOST):
            part = found[first : first + MOST]
            columns = {name: np.ascontiguousarray(part[name]) for name in ARGUMENTS}
            parts.append(session.run(None, columns))
        return dict(zip(FIELDS, map(np.concatenate, zip(*parts, strict=True)), strict=True))

    return SimpleNamespace(name=request.param, model=model, collide=collide, file=file)


@pytest.mark.parametrize("n", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_numbers_are_those_of_jax(exported, n):
    found = encounters(n)
    assert_same(exported.collide(found), asked(exported.model, found), found)


def test_mass_is_conserved_and_stars_are_alike(exported):
    found = encounters(5_000, seed=2)
    here, there = exported.collide(found), exported.collide(swapped(found))
    assert_conserving_and_alike(here, there, found)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_any_number_may_be_asked_at_once(exported, n):
    found = encounters(700, seed=3)
    many, few = exported.collide(found), exported.collide(found[:n])
    for name in FIELDS:
        assert few[name].shape == (n,)
        np.testing.assert_allclose(few[name], many[name][:n], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("value", [-1e-3, np.nan, np.inf])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_has_no_meaning_has_no_answer(exported, name, value):
    found = encounters(3)
    found[name][1] = value
    here = exported.collide(found)
    assert np.isfinite([here[k][[0, 2]] for k in MASSES]).all()
    assert np.isnan([here[k][1] for k in MASSES]).all()
    assert (here["regime"][1], here["fate"][1], here["reason"][1]) == (-1, -1, Domain.INVALID)
    assert not here["in_domain"][1]


def test_the_file_says_what_it_is(exported):
    model = onnx.load(exported.file)
    onnx.checker.check_model(model, full_check=True)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about == {"model": exported.name, "surrogate": surrogate.__version__}
    assert {x.domain for x in model.opset_import} == {""}


def test_what_cannot_be_written_is_named():
    sine = jax.make_jaxpr(jnp.sin)(np.zeros(3))
    graph = Graph(["x"])
    with pytest.raises(NotImplementedError, match="sin: no such operation in ONNX yet"):
        translate(graph, sine.jaxpr, sine.consts, graph.arguments)


def test_the_guide_runs(exported, monkeypatch):
    monkeypatch.chdir(exported.file.parent)
    # Fenced apart from the guide's other Python: it reads the file that was exported.
    section = GUIDE.read_text().split("## In ONNX")[1]
    namespace = {}
    exec(re.search(r"^```py\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1], namespace)
    out = namespace["out"]
    assert out["fate"][1] == surrogate.Fate.MERGER
    np.testing.assert_allclose(sum(out[k] for k in MASSES), [11.0, 1.8], rtol=5e-16)
