"""The C for REBOUND: what the resolver in Python does, and a good citizen."""

import ctypes
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import surrogate
from surrogate.collisions.rules import Surrogate
from surrogate.collisions.structure import radius
from surrogate.constants import G
from surrogate.nbody.plummer import plummer
from surrogate.nbody.rebound import Collider, Units

from .conftest import STRICT, compiler

rebound = pytest.importorskip("rebound")
LIBRARY = Path(rebound.__libpath__)
GUIDE = Path(__file__).parents[2] / "docs" / "other-codes.md"
AGE_OF = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.POINTER(rebound.Particle), ctypes.c_void_p)
SET_AGE = ctypes.CFUNCTYPE(None, ctypes.POINTER(rebound.Particle), ctypes.c_double, ctypes.c_void_p)
ON_COLLISION = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_double), ctypes.c_void_p, ctypes.c_void_p
)


class State(ctypes.Structure):
    """The struct of the header."""

    _fields_ = (
        *((k, ctypes.c_double) for k in ("length", "speed", "mass", "age")),
        ("age_of", AGE_OF),
        ("set_age", SET_AGE),
        ("on_collision", ON_COLLISION),
        ("user", ctypes.c_void_p),
        ("lost_mass", ctypes.c_double),
        ("lost_momentum", ctypes.c_double * 3),
        ("collisions", ctypes.c_long),
        ("fates", ctypes.c_long * 4),
        ("unanswered", ctypes.c_long),
    )


@pytest.fixture(scope="module")
def flags():
    """What the compiler is told of REBOUND's header, and where its library is."""
    package = Path(rebound.__file__).parent
    headers = (package / "rebound.h", package.parent / "src" / "rebound.h")
    header = next((h for h in headers if h.exists()), None)
    if header is None:
        pytest.skip("no rebound.h in the package")
    old = "enum REB_COLLISION_RESOLVE_OUTCOME" not in header.read_text()
    define = ("-DSGT_REBOUND_RESULT=int",) if old else ()
    where = (f"-Wl,-rpath,{LIBRARY.parent}", f"-Wl,-rpath,{LIBRARY.parent / 'rebound.libs'}")
    return SimpleNamespace(
        source=(compiler("gcc"), *STRICT, *define, "-isystem", str(header.parent)),
        link=("sgt_rebound.c", "sgt.c", str(LIBRARY), *where, "-lm"),
    )


@pytest.fixture(scope="module")
def library(folder_of, flags):
    folder = folder_of("fast")
    shared = ("-O2", "-shared", "-fPIC", "-o", "rebound.so")
    subprocess.run((*flags.source, *flags.link, *shared), cwd=folder, check=True)
    found = ctypes.CDLL(str(folder / "rebound.so"))
    found.sgt_rebound_state.argtypes, found.sgt_rebound_state.restype = (ctypes.c_double,), State
    return found


def attach(library, sim, age=1.0, units=None):
    """The state that the C of a simulation writes to."""
    state = library.sgt_rebound_state(age)
    if units:
        state.length, state.speed, state.mass = units.length, units.speed, units.mass
    assert library.sgt_rebound_attach(ctypes.byref(sim), ctypes.byref(state)) == 0
    return state


def table(sim):
    """Masses, radii, positions and velocities of a simulation's particles, in order of x."""
    rows = [[p.m, p.r, p.x, p.y, p.z, p.vx, p.vy, p.vz] for p in sim.particles]
    m, r, *xv = np.array(sorted(rows, key=lambda row: row[2])).reshape(-1, 8).T
    return m, r, np.stack(xv[:3], axis=1), np.stack(xv[3:], axis=1)


def momentum(sim):
    m, _, _, v = table(sim)
    return m @ v


def pairs(n, units):
    """Pairs that touch on their way to pericentre, each far from all others."""
    random = np.random.default_rng(0)
    sim = rebound.Simulation()
    sim.G, sim.gravity, sim.integrator = units.gravity, "none", "leapfrog"
    sim.collision, sim.dt = "direct", 1e-12
    for k in range(n):
        m = np.exp(random.uniform(np.log(0.2), np.log(20.0), 2))
        r = np.asarray(radius(m, 0.005))
        along, across, _ = np.linalg.qr(random.normal(size=(3, 3)))[0]
        depth = random.uniform()
        x = 0.98 * r.sum() * (depth * across + np.sqrt(1.0 - depth**2) * along)
        v = -(10.0 ** random.uniform(2.0, 4.0)) * along
        middle = np.array([1e3 * k, 0.0, 0.0]), random.normal(size=3)
        for star, share in ((0, -m[1] / m.sum()), (1, m[0] / m.sum())):
            place = (middle[0] + share * x) / units.length
            speed = (middle[1] + share * v) / units.speed
            names = ("x", "y", "z", "vx", "vy", "vz")
            numbers = dict(zip(names, (*place, *speed), strict=True))
            sim.add(m=m[star] / units.mass, r=r[star] / units.length, **numbers)
    return sim


@pytest.mark.slow
@pytest.mark.parametrize("units", [Units(), Units(length=215.0, speed=29.8, mass=2.0)])
def test_what_python_does(library, units):
    there, here = (pairs(150, units) for _ in range(2))
    collider = Collider(Surrogate(surrogate.load("fast")), age=0.005, units=units)
    collider.attach(there)
    state = attach(library, here, age=0.005, units=units)
    for sim in (there, here):
        sim.steps(1)
    collider.check()
    fates = np.bincount([c.fate for c in collider.collisions], minlength=4)
    assert state.collisions == len(collider.collisions) == 150
    np.testing.assert_array_equal(np.array(state.fates), fates)
    assert (fates > 0).all()
    assert len(here.particles) == len(there.particles)
    for mine, theirs, relative, name in zip(
        table(here), table(there), (1e-5, 1e-5, 1e-12, 1e-5), "mrxv", strict=True
    ):
        size = np.abs(theirs).reshape(len(theirs), -1).max(axis=1)
        off = np.abs(mine - theirs).reshape(len(theirs), -1).max(axis=1)
        assert (off <= relative * size).all(), name
    assert state.lost_mass == pytest.approx(collider.lost_mass, rel=1e-5)
    size = np.abs(collider.lost_momentum).max()
    np.testing.assert_allclose(state.lost_momentum, collider.lost_momentum, atol=1e-4 * size)


def two(speed):
    """A heavier and a lighter star about to meet."""
    sim = rebound.Simulation()
    sim.G, sim.integrator, sim.collision = G, "leapfrog", "direct"
    sim.track_energy_offset = 1
    sim.dt = 0.02 / speed
    for sign, m in ((-1.0, 1.0), (1.0, 0.7)):
        sim.add(m=m, r=0.8, x=3.0 * sign, y=0.3 * sign, vx=-speed * sign)
    return sim


@pytest.mark.parametrize(("speed", "left"), [(100.0, 1), (1500.0, 2), (9000.0, 0)])
def test_mass_momentum_and_energy_are_kept(library, speed, left):
    sim = two(speed)
    m0, p0, e0 = table(sim)[0].sum(), momentum(sim), sim.energy()
    state = attach(library, sim)
    with suppress(rebound.NoParticles):
        sim.integrate(8.0 / speed)
    assert (state.collisions, state.unanswered, sim.N) == (1, 0, left)
    assert table(sim)[0].sum() + state.lost_mass == pytest.approx(m0, rel=1e-14)
    total = momentum(sim) + np.array(state.lost_momentum)
    np.testing.assert_allclose(total, p0, atol=1e-11 * speed)
    assert sim.energy() == pytest.approx(e0, rel=1e-2)


@pytest.mark.slow
def test_remnants_have_ages_as_in_python(library):
    """A dictionary of ages by mass, kept by either resolver."""
    found = []
    for speed in (100.0, 1500.0):
        for language in ("python", "c"):
            ages = {1.0: 4.0, 0.7: 2.0}
            sim = two(speed)
            if language == "python":
                collider = Collider(
                    Surrogate(surrogate.load("fast")),
                    age=lambda p, ages=ages: ages[p.m],
                    set_age=lambda p, age, ages=ages: ages.update({p.m: age}),
                )
                collider.attach(sim)
            else:
                state = attach(library, sim)
                state.age_of = AGE_OF(lambda p, _, ages=ages: ages[p.contents.m])
                state.set_age = SET_AGE(
                    lambda p, age, _, ages=ages: ages.update({p.contents.m: age})
                )
            sim.integrate(8.0 / speed)
            now = sorted(table(sim)[0])
            found.append([*now, *(ages[m] for m in now), *table(sim)[1]])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
    np.testing.assert_allclose(found[2], found[3], rtol=1e-5)
    assert len(found[2]) == 6


def test_every_collision_is_told(library):
    told = []
    sim = two(1500.0)
    state = attach(library, sim)
    state.user = 7
    state.on_collision = ON_COLLISION(
        lambda _, encounter, __, user: told.append((sorted(encounter[1:3]), user))
    )
    sim.integrate(8.0 / 1500.0)
    assert told == [([0.7, 1.0], 7)]


def test_stars_meet_through_a_boundary(library, send_through_a_boundary):
    sim = two(100.0)
    send_through_a_boundary(sim)
    state = attach(library, sim)
    sim.integrate(8.0 / 100.0)
    assert (state.fates[1], sim.N) == (1, 1)
    assert abs(sim.particles[0].x) > 8.0


def test_what_has_no_meaning_passes(library):
    sim = two(1500.0)
    state = attach(library, sim, age=np.nan)
    sim.integrate(8.0 / 1500.0)
    assert (state.collisions, state.unanswered, sim.N) == (1, 1, 2)
    np.testing.assert_array_equal(sorted(table(sim)[0]), [0.7, 1.0])
    np.testing.assert_array_equal(table(sim)[1], [0.8, 0.8])


def test_what_does_not_fit_is_told(library):
    sim, state = rebound.Simulation(), library.sgt_rebound_state(1.0)
    answer = library.sgt_rebound_attach
    assert answer(None, ctypes.byref(state)) == answer(ctypes.byref(sim), None) == -11
    assert answer(ctypes.byref(sim), ctypes.byref(state)) == -12
    state.mass = 0.0
    assert answer(ctypes.byref(sim), ctypes.byref(state)) == -13


@pytest.mark.slow
def test_a_thousand_stars_through_a_hundred_collisions(library):
    stars = plummer(jax.random.key(0), np.full(1000, 1.0), 60.0, age=1.0)
    sim = rebound.Simulation()
    sim.G, sim.integrator, sim.collision = G, "leapfrog", "direct"
    for x, v, m, r in zip(*map(np.asarray, (stars.x, stars.v, stars.m, stars.r)), strict=True):
        sim.add(m=m, r=r, x=x[0], y=x[1], z=x[2], vx=v[0], vy=v[1], vz=v[2])
    m, _, _, v = table(sim)
    p0, size = m @ v, m @ np.linalg.norm(v, axis=1)
    sim.dt = 0.2 / np.abs(np.asarray(stars.v)).max()
    state = attach(library, sim)
    while state.collisions < 100:
        sim.steps(5)
    none, merger, _, stripped = state.fates
    assert state.unanswered == 0
    assert 1000 - 2 * none - merger - stripped == sim.N
    assert table(sim)[0].sum() + state.lost_mass == pytest.approx(m.sum(), rel=1e-6)
    assert np.abs(momentum(sim) + np.array(state.lost_momentum) - p0).max() < 1e-10 * size


def build(folder, flags, *more):
    """The example of three speeds, which fails where the number of survivors is unexpected."""
    command = (*flags.source, "-g", *more, "main_rebound.c", *flags.link, "-o", "main_rebound")
    subprocess.run(command, cwd=folder, check=True)


@pytest.mark.slow
def test_sanitisers_find_nothing(folder_of, flags):
    folder = folder_of("fast")
    build(folder, flags, "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    subprocess.run(["./main_rebound"], cwd=folder, check=True)


@pytest.mark.slow
def test_valgrind_finds_nothing(folder_of, flags):
    folder = folder_of("fast")
    build(folder, flags)
    check = (compiler("valgrind"), "-q", "--leak-check=full", "--error-exitcode=9")
    subprocess.run((*check, "./main_rebound"), cwd=folder, check=True)


def test_the_guide_runs(folder_of, flags):
    folder = folder_of("fast")
    blocks = re.findall(r"^```c\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    (text,) = (block for block in blocks if "sgt_rebound.h" in block)
    (folder / "guide_rebound.c").write_text(text)
    command = (*flags.source, "guide_rebound.c", *flags.link, "-o", "guide_rebound")
    subprocess.run(command, cwd=folder, check=True)
    ran = subprocess.run(["./guide_rebound"], cwd=folder, check=True, capture_output=True)
    assert b"1 collision" in ran.stdout
