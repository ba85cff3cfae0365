"""Exported models, compiled where there is a compiler, and what holds for all of them."""

import ctypes
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import surrogate
from surrogate.collisions.structure import radius
from surrogate.export.c import export_c

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
ENCOUNTER = np.dtype([(k, "f8") for k in surrogate.Encounter._fields])
BOUNDS = np.dtype([(k, "f8") for k in ("low68", "high68", "low95", "high95")])
SHARES = ("p_none", "p_merger", "p_two", "p_stripped", "p_survivor1", "p_survivor2")
MASSES = ("m1_final", "m2_final", "m_unbound")
OUTCOME = np.dtype(
    [
        ("regime", "i4"),
        ("fate", "i4"),
        *((k, "f8") for k in (*SHARES, *MASSES)),
        *((k, BOUNDS) for k in ("m1_bounds", "m2_bounds", "unbound_bounds")),
        ("ood", "f8"),
        ("in_domain", "i4"),
        ("reason", "i4"),
    ]
)
"""What a struct of the header looks like from here."""
UNKNOWN = -1.0
OTHERS = ("ensemble", "separate", "mixture")
NAMES = ("fast", *(pytest.param(m, marks=pytest.mark.slow) for m in OTHERS))
"""Of the models: what holds for one is soon tested, what holds for all takes longer."""
GUIDE = Path(__file__).parents[2] / "docs" / "other-codes.md"
TIE = 1e-5
"""Two fates with probabilities so close may be exchanged."""


def compiler(name):
    """A compiler, or a skipped test."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    return name


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """The exported files of a model."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            export_c(surrogate.load(name), made[name], prefix="sgt")
        return made[name]

    return get


@pytest.fixture(scope="session", params=NAMES)
def exported(request, folder_of):
    """A model and its C, called from here."""
    folder = folder_of(request.param)
    shared = folder / "lib.so"
    command = (compiler("gcc"), *STRICT, "-O3", "-shared", "-fPIC", "sgt.c", "-lm", "-o", shared)
    subprocess.run(command, cwd=folder, check=True)
    library = ctypes.CDLL(str(shared))
    batch = library.sgt_collide_batch
    batch.restype = ctypes.c_long
    batch.argtypes = (ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p)
    one = library.sgt_collide
    one.argtypes = (ctypes.c_void_p, ctypes.c_void_p)

    def collide(encounters):
        outcomes = np.zeros(len(encounters), OUTCOME)
        bad = batch(len(encounters), encounters.ctypes.data, outcomes.ctypes.data)
        return outcomes, bad

    return SimpleNamespace(
        name=request.param, model=surrogate.load(request.param), collide=collide, one=one
    )


def encounters(n, seed=0, *, given=False):
    """Encounters over the whole domain and beyond, edges included, as float32 can hold them."""
    random = np.random.default_rng(seed)
    found = np.full(n, UNKNOWN, ENCOUNTER.descr[0][1]).astype(ENCOUNTER)
    for name in ENCOUNTER.names:
        found[name] = UNKNOWN

    def put(name, values):
        found[name] = np.asarray(values, np.float32)

    for name in ("m1", "m2"):
        put(name, np.exp(random.uniform(np.log(0.1), np.log(100.0), n)))
    put("m2", np.where(np.arange(n) % 10 == 0, found["m1"], found["m2"]))
    put("age", 15.0 * random.uniform(size=n) ** 3)
    put("vinf", np.where(np.arange(n) % 50 == 1, 0.0, 10.0 ** random.uniform(0.0, 5.0, n)))
    r1, r2 = (np.asarray(radius(found[m], found["age"])) for m in ("m1", "m2"))
    put("rp", np.where(np.arange(n) % 50 == 2, 0.0, (r1 + r2) * 1.5 * random.uniform(size=n) ** 2))
    if given:
        put("r1", r1 * np.exp(random.normal(0.0, 0.2, n)))
        put("r2", r2 * np.exp(random.normal(0.0, 0.2, n)))
        put("rh1", found["r1"] * random.uniform(0.15, 0.7, n))
        put("rh2", found["r2"] * random.uniform(0.15, 0.7, n))
        put("age2", 15.0 * random.uniform(size=n) ** 3)
    return found


def asked(model, found):
    """What JAX says of the same encounters."""
    fields = {
        k: found[k].astype(np.float32) for k in ENCOUNTER.names if (found[k] != UNKNOWN).any()
    }
    return model(**fields, check=False)


def assert_same(here, there, found):
    """An exported model says what JAX says: `here` and `there`, of the encounters `found`."""
    shares = np.sort([getattr(there, k) for k in SHARES[:4]], axis=0)
    clear = shares[-1] - shares[-2] > TIE
    # Nor is it clear of nearly equal stars which one survives.
    clear &= (here["fate"] != 3) | (np.abs(here["p_survivor1"] - here["p_survivor2"]) > TIE)
    np.testing.assert_array_equal(here["regime"], there.regime)
    np.testing.assert_array_equal(here["fate"][clear], np.asarray(there.fate)[clear])
    np.testing.assert_array_equal(here["reason"], there.reason)
    total = found["m1"] + found["m2"]
    for name in MASSES:
        off = np.abs(here[name] - getattr(there, name)) / total
        assert off[clear].max() < 1e-5, name
    for name in (*SHARES, "ood"):
        np.testing.assert_allclose(here[name], getattr(there, name), atol=5e-5, err_msg=name)


def swapped(found):
    """The same encounters, with the stars named the other way round."""
    other = found.copy()
    for a, b in (("m1", "m2"), ("r1", "r2"), ("rh1", "rh2"), ("age", "age2")):
        other[a], other[b] = found[b], found[a]
    one_age = found["age2"] == UNKNOWN
    other["age"][one_age], other["age2"][one_age] = found["age"][one_age], UNKNOWN
    return other


def assert_conserving_and_alike(here, there, found):
    """Mass adds up, and `there` is the answer `here` with the stars named the other way round."""
    total = found["m1"] + found["m2"]
    np.testing.assert_allclose(sum(here[name] for name in MASSES), total, rtol=5e-16)
    # The product of two identical stars is star 1, whichever that is.
    apart = ~((found["m1"] == found["m2"]) & (found["age2"] == UNKNOWN))
    for a, b in (("m1_final", "m2_final"), ("p_survivor1", "p_survivor2"), ("ood", "ood")):
        np.testing.assert_array_equal(here[a][apart], there[b][apart])
        np.testing.assert_array_equal(here[b][apart], there[a][apart])
