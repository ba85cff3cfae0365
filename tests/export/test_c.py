"""The C of a model: the same numbers as in JAX, and a good citizen."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import surrogate
from surrogate.collisions.tides import Argument
from surrogate.export.c import export_c

from .conftest import (
    ENCOUNTER,
    GUIDE,
    MASSES,
    OUTCOME,
    STRICT,
    asked,
    assert_conserving_and_alike,
    assert_same,
    compiler,
    encounters,
    swapped,
)


@pytest.mark.parametrize(
    ("n", "given"),
    [
        (5_000, False),
        pytest.param(100_000, False, marks=pytest.mark.slow),
        pytest.param(20_000, True, marks=pytest.mark.slow),
    ],
)
def test_numbers_are_those_of_jax(exported, n, given):
    found = encounters(n, given=given)
    here, bad = exported.collide(found)
    assert bad == 0
    assert_same(here, asked(exported.model, found), found)


@pytest.mark.slow
def test_bounds_are_those_of_jax_and_hold_the_mass(folder_of, exported):
    found = encounters(20_000, seed=1)
    here, _ = exported.collide(found)
    there = asked(exported.model, found)
    total = found["m1"] + found["m2"]
    for name, mass in (("m1_bounds", 0), ("m2_bounds", 1), ("unbound_bounds", 2)):
        for edge, theirs in zip(here[name].dtype.names, getattr(there, name), strict=True):
            if exported.name != "ensemble":
                assert np.isnan(here[name][edge]).all()
                continue
            off = np.abs(here[name][edge] - theirs) / total
            # A quantile jumps where the probability of an outcome just reaches its level.
            assert np.quantile(off, 0.998) < 1e-5, (name, edge)
        if exported.name == "ensemble":
            assert (here[name]["low95"] <= here[name]["low68"]).all()
            assert (here[name]["low68"] <= here[MASSES[mass]]).all()
            assert (here[name]["high95"] >= here[MASSES[mass]]).all()


def test_mass_is_conserved_and_stars_are_alike(exported):
    found = encounters(5_000, seed=2, given=True)
    found[:500] = encounters(500, seed=3)
    here, _ = exported.collide(found)
    there, _ = exported.collide(swapped(found))
    assert_conserving_and_alike(here, there, found)


BAD = [
    ("age", -0.1, -1),
    ("age", np.nan, -1),
    ("m1", 0.0, -2),
    ("m2", np.inf, -3),
    ("rp", -1e-9, -4),
    ("vinf", 3e5, -5),
    ("r1", 0.0, -6),
    ("r2", np.nan, -7),
    ("age2", 16.0, -8),
    ("rh1", 5.0, -9),
    ("rh2", 0.0, -10),
]


@pytest.mark.parametrize(("field", "value", "code"), BAD)
def test_bad_input_has_its_code(exported, field, value, code):
    good = np.array([(1.0, 1.0, 0.8, 0.5, 100.0, 1.0, 0.9, 1.0, 0.3, 0.3)], ENCOUNTER)
    out = np.zeros(1, OUTCOME)
    assert exported.one(good.ctypes.data, out.ctypes.data) == 0
    bad = good.copy()
    bad[field] = value
    assert exported.one(bad.ctypes.data, out.ctypes.data) == code
    assert np.isnan(out["m1_final"][0])
    assert (out["regime"][0], out["fate"][0], out["reason"][0]) == (-1, -1, 1)
    assert exported.collide(np.concatenate([good, bad, good]))[1] == 1


def test_what_belongs_together_is_asked_for(exported):
    bare = encounters(1)
    for field, code in (("r1", -7), ("r2", -6), ("rh1", -9), ("rh2", -9)):
        half = bare.copy()
        half[field] = 0.1
        assert exported.one(half.ctypes.data, np.zeros(1, OUTCOME).ctypes.data) == code
    assert exported.one(None, None) == -11


def test_threads_do_not_meet(exported):
    found = encounters(4_000, seed=4)
    alone, _ = exported.collide(found)
    with ThreadPoolExecutor(4) as pool:
        for many, _ in pool.map(exported.collide, [found] * 8):
            np.testing.assert_array_equal(many["m1_final"], alone["m1_final"])


def build(folder, *command):
    subprocess.run(command, cwd=folder, check=True)
    return subprocess.run(["./main"], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_examples_say_what_python_says(folder_of):
    folder = folder_of("fast")
    out = surrogate.load("fast")(1.0, 1.0, 0.8, 0.5, 100.0)
    said = build(folder, compiler("gcc"), *STRICT, "main.c", "sgt.c", "-lm", "-o", "main")
    assert said.startswith("merger")
    assert f"{float(out.m1_final):.5f}" in said
    subprocess.run(["gcc", *STRICT, "-c", "sgt.c"], cwd=folder, check=True)
    strict = ("-std=f2003", "-Wall", "-Wextra", "-Werror", "-pedantic")
    files = ("sgt_module.f90", "main.f90", "sgt.o", "-lm", "-o", "main")
    said = build(folder, compiler("gfortran"), *strict, *files)
    assert f"{float(out.m1_final):.5f}" in said


IN_FORTRAN = """\
program main
   use sgt_module
   use, intrinsic :: iso_c_binding, only: c_size_t
   implicit none
   integer, parameter :: n = 100000
   type(sgt_encounter), allocatable :: e(:)
   type(sgt_outcome), allocatable :: out(:)
   integer :: file, i
   allocate (e(n), out(n))
   open (newunit=file, file="in.bin", access="stream", form="unformatted")
   read (file) e
   close (file)
   do i = 1, n / 2
      if (sgt_collide(e(i), out(i)) /= sgt_ok) stop 1
   end do
   if (sgt_collide_batch(int(n - n / 2, c_size_t), e(n / 2 + 1:), out(n / 2 + 1:)) /= 0) stop 2
   open (newunit=file, file="out.bin", access="stream", form="unformatted", status="replace")
   write (file) out
end program
"""
"""One at a time, and the second half at once."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fast", "ensemble", "separate", "mixture"])
def test_numbers_in_fortran_are_those_of_jax(folder_of, name):
    folder, found = folder_of(name), encounters(100_000)
    (folder / "many.f90").write_text(IN_FORTRAN)
    found.tofile(folder / "in.bin")
    subprocess.run([compiler("gcc"), *STRICT, "-O3", "-c", "sgt.c"], cwd=folder, check=True)
    build(folder, compiler("gfortran"), "sgt_module.f90", "many.f90", "sgt.o", "-lm", "-o", "main")
    there = np.fromfile(folder / "out.bin", OUTCOME)
    assert_same(there, asked(surrogate.load(name), found), found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fast", "ensemble", "mixture"])
def test_sanitisers_and_valgrind_find_nothing(folder_of, name):
    folder = folder_of(name)
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    build(folder, compiler("gcc"), *STRICT, "-g", *checks, "main.c", "sgt.c", "-lm", "-o", "main")
    build(folder, "gcc", *STRICT, "-g", "main.c", "sgt.c", "-lm", "-o", "main")
    check = (compiler("valgrind"), "-q", "--error-exitcode=9", "./main")
    subprocess.run(check, cwd=folder, check=True)


@pytest.mark.parametrize("language", ["c", "fortran"])
def test_the_guide_runs(folder_of, language):
    folder = folder_of("fast")
    block = re.search(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    file = folder / f"guide.{'c' if language == 'c' else 'f90'}"
    file.write_text(block[1])
    subprocess.run([compiler("gcc"), *STRICT, "-c", "sgt.c"], cwd=folder, check=True)
    if language == "c":
        said = build(folder, "gcc", *STRICT, file.name, "sgt.o", "-lm", "-o", "main")
        assert "Msun" in said
    else:
        files = ("sgt_module.f90", file.name, "sgt.o", "-lm", "-o", "main")
        assert "merger" in build(folder, compiler("gfortran"), *files)


def test_the_header_is_good_for_cpp(folder_of):
    command = (compiler("g++"), "-x", "c++", "-fsyntax-only", "-Wall", "-Werror", "sgt.h")
    subprocess.run(command, cwd=folder_of("fast"), check=True)


def test_what_has_no_c_is_told(tmp_path):
    fast = surrogate.load("fast")
    with pytest.raises(ValueError, match="prefix = 'a-b'"):
        export_c(fast, tmp_path, prefix="a-b")
    with pytest.raises(ValueError, match="tides"):
        export_c(surrogate.load("fast", argument=Argument.ETA), tmp_path)
    assert list(tmp_path.iterdir()) == []
