"""Density between particles, and the pictures of a run."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.animation import FFMpegWriter
from PIL import Image

from surrogate.simulations.density import density_on_plane, wendland_c4
from surrogate.simulations.particles import Particles
from surrogate.simulations.pictures import (
    animate,
    bound_mass,
    density_slices,
    frame_of,
    label_all,
    particle_plot,
    save,
)
from surrogate.simulations.starsmasher.snapshots import find_snapshots, read_snapshot
from surrogate.simulations.units import DENSITY, TIME


class Moment(NamedTuple):
    time: float
    held: Particles

    def particles(self) -> Particles:
        return self.held


def gas(x: np.ndarray, m: float | np.ndarray, h: float | np.ndarray, rho: float = 1.0) -> Particles:
    n = len(x)
    one = np.ones(n)
    return Particles(one * m, x, np.zeros((n, 3)), one, one * rho, one * h, -one)


def lattice(step: float, sides: tuple[float, float, float]) -> np.ndarray:
    axes = [np.arange(-side, side + step / 2, step) for side in sides]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


@pytest.fixture(scope="module")
def passage() -> list[Moment]:
    """Two balls of gas that pass each other."""
    ball = lattice(0.25, (1, 1, 1))
    ball = ball[np.linalg.norm(ball, axis=1) <= 1]
    places = [np.array([4.0 - 2 * k, 1.0, 0.0]) for k in range(5)]
    both = [np.concatenate([ball + place, ball - place]) for place in places]
    return [Moment(2.0 * k, gas(x, 1 / len(ball), 0.3, rho=0.25)) for k, x in enumerate(both)]


@pytest.fixture(scope="module")
def labels(passage: list[Moment]) -> list[np.ndarray]:
    n = len(passage[0].held.m)
    stars = np.where(np.arange(n) < n // 2, 1, 2)
    return [np.where(np.arange(n) % 10 < k, 0, stars) for k in range(5)]


def test_the_kernel_holds_its_mass_within_two_smoothing_lengths() -> None:
    q = np.linspace(0.0, 3.0, 30_001)
    w = wendland_c4(q)
    assert np.trapezoid(4 * np.pi * q**2 * w, q) == pytest.approx(1.0, rel=1e-6)
    assert (w[q >= 2] == 0).all()
    assert (np.diff(w[q < 2]) < 0).all()


@pytest.mark.parametrize("z", [0.0, 0.13])
def test_a_uniform_lattice_has_its_density_everywhere(z: float) -> None:
    step, rho = 0.1, 3.0
    x = lattice(step, (2, 1.5, 0.6))
    # About 50 neighbours within 2 h, as in the simulations of the paper.
    h = step * (50 / (4 / 3 * np.pi * 8)) ** (1 / 3)
    at_x, at_y = np.linspace(-1.5, 1.5, 61), np.linspace(-1, 1, 37)
    found = density_on_plane(gas(x, rho * step**3, h), at_x, at_y, z)
    assert found.shape == (37, 61)
    np.testing.assert_allclose(found, rho, rtol=0.03)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(2, 40), st.integers(2, 40))
@settings(max_examples=40)
def test_density_is_the_sum_over_all_particles(seed: int, n: int, nx: int, ny: int) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(scale=2.0, size=(n, 3))
    m, h = random.uniform(0.1, 1, n), random.lognormal(-1, 1.5, n)
    at_x, at_y = np.linspace(-2, 3, nx), np.linspace(-1, 1.5, ny)
    z = random.normal()
    points = np.stack([*np.meshgrid(at_x, at_y), np.full((ny, nx), z)], axis=-1)
    q = np.linalg.norm(points[:, :, None] - x, axis=-1) / h
    inside = np.maximum(1 - q / 2, 0)
    w = 495 / (256 * np.pi) * inside**6 * (35 / 12 * q**2 + 3 * q + 1)
    found = density_on_plane(gas(x, m, h), at_x, at_y, z)
    np.testing.assert_allclose(found, (m / h**3 * w).sum(axis=-1), rtol=1e-9, atol=1e-12)


def test_the_frame_holds_the_share_asked_for_at_all_times(passage: list[Moment]) -> None:
    for share in (0.5, 0.95):
        half = frame_of(passage, share)
        for moment in passage:
            inside = np.abs(moment.held.x[:, :2]).max(axis=1) <= half
            assert moment.held.m[inside].sum() >= share * moment.held.m.sum()
    assert frame_of(passage, 0.5) < frame_of(passage, 0.95) < 1.3 * 5.0


def test_slices_share_scale_and_frame(passage: list[Moment]) -> None:
    figure = density_slices(passage)
    panels = [ax for ax in figure.axes if ax.images]
    assert len(panels) == len(passage)
    assert len({ax.images[0].get_clim() for ax in panels}) == 1
    assert len({(*ax.get_xlim(), *ax.get_ylim()) for ax in panels}) == 1
    assert all(ax.get_aspect() == 1 for ax in panels)
    # 0.25 Msun / Rsun^3 in the middle of a ball, in g / cm^3, where the ball is.
    first = panels[0].images[0]
    low, high, _, _ = first.get_extent()
    at = np.linspace(low, high, first.get_array().shape[0])
    j, i = np.abs(at - 1.0).argmin(), np.abs(at - 4.0).argmin()
    assert first.get_array()[j, i] == pytest.approx(0.25 * DENSITY, rel=0.1)
    hours = [f"{moment.time * TIME / 3600:.2f} h" for moment in passage]
    assert all(text in ax.get_title() for text, ax in zip(hours, panels, strict=True))
    assert any("g cm" in ax.get_ylabel() for ax in figure.axes)


def test_every_particle_is_drawn_once(passage: list[Moment], labels: list[np.ndarray]) -> None:
    figure = particle_plot(passage, labels, half=20.0)
    for ax, moment, label in zip(figure.axes, passage, labels, strict=False):
        drawn = np.concatenate([np.stack(line.get_data(), axis=-1) for line in ax.lines])
        expected = moment.held.x[:, :2]
        assert sorted(map(tuple, drawn)) == sorted(map(tuple, expected))
        unbound = [line for line in ax.lines if line.get_marker() == "x"]
        assert sum(len(line.get_xdata()) for line in unbound) == np.count_nonzero(label == 0)
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["unbound", "star 1", "star 2"]


def test_masses_are_drawn_over_time_in_code_units_and_hours() -> None:
    history = SimpleNamespace(
        t=np.array([0.0, 10.0, 20.0]),
        mass=np.array([[1.0, 0.7], [1.6, 0.0], [1.5, 0.0]]),
        unbound=np.array([0.0, 0.1, 0.2]),
        merged=np.array([False, True, True]),
    )
    figure = bound_mass(history)
    figure.draw_without_rendering()
    top, bottom = figure.axes[:2]
    curves = {line.get_label(): line.get_ydata() for line in (*top.lines, *bottom.lines)}
    np.testing.assert_array_equal(curves["star 1"], [1.0, 1.6, 1.5])
    np.testing.assert_array_equal(curves["star 2"], [0.7, 0.0, 0.0])
    np.testing.assert_array_equal(curves["unbound"], [0.0, 0.1, 0.2])
    assert "merger" in curves
    hours = top.child_axes[0]
    assert hours.get_xlim() == pytest.approx(np.array(top.get_xlim()) * TIME / 3600)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_pictures_are_written_whole(tmp_path: Path, passage: list[Moment], ending: str) -> None:
    path = tmp_path / "new" / f"slices.{ending}"
    save(density_slices(passage[:1]), path)
    assert path.stat().st_size > 1000
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_unknown_format_leaves_nothing(tmp_path: Path, passage: list[Moment]) -> None:
    figure = density_slices(passage[:1])
    with pytest.raises(ValueError, match="bmpx"):
        save(figure, tmp_path / "slices.bmpx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("of_particles", [False, True])
def test_a_film_has_one_picture_a_snapshot(
    tmp_path: Path, passage: list[Moment], labels: list[np.ndarray], of_particles: bool
) -> None:
    path, done = tmp_path / "run.gif", []
    animate(passage, path, labels if of_particles else None, fps=4, tell=done.append)
    assert done == [1, 2, 3, 4, 5]
    assert [file.name for file in tmp_path.iterdir()] == ["run.gif"]
    pictures = []
    with Image.open(path) as film:
        assert film.n_frames == len(passage)
        assert film.info["duration"] == 250
        for k in range(film.n_frames):
            film.seek(k)
            pictures.append(np.asarray(film.convert("RGB")))
    assert all((a != b).any() for a, b in pairwise(pictures))
    # The legend or the colour bar stays what and where it was.
    edge = np.s_[:30] if of_particles else np.s_[:, -100:]
    assert all((picture[edge] == pictures[0][edge]).all() for picture in pictures)


def test_an_interrupted_film_leaves_the_earlier_one(tmp_path: Path, passage: list[Moment]) -> None:
    path = tmp_path / "run.gif"
    path.write_bytes(b"earlier")

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animate(passage, path, tell=stop)
    assert path.read_bytes() == b"earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["run.gif"]


def test_films_that_cannot_be_written_are_refused(
    tmp_path: Path, passage: list[Moment], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"run\.avi: the ending is '\.avi', allowed: \.gif, \.mp4"):
        animate(passage, tmp_path / "run.avi")
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(ValueError, match=r"needs ffmpeg, which is not installed; write a \.gif"):
        animate(passage, tmp_path / "run.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not FFMpegWriter.isAvailable(), reason="needs ffmpeg")
def test_a_film_for_ffmpeg(tmp_path: Path, passage: list[Moment]) -> None:
    animate(passage, tmp_path / "run.mp4")
    assert b"ftyp" in (tmp_path / "run.mp4").read_bytes()[:16]


def test_nothing_to_draw_is_said(passage: list[Moment], labels: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="no snapshot"):
        density_slices([])
    with pytest.raises(ValueError, match="no snapshot"):
        particle_plot([], [])
    with pytest.raises(ValueError, match="no snapshot"):
        label_all([], 10)
    with pytest.raises(ValueError, match="labels of"):
        particle_plot(passage, labels[:-1])


def test_drawing_changes_no_settings_of_matplotlib(passage: list[Moment], tmp_path: Path) -> None:
    before, backend = dict(matplotlib.rcParams), matplotlib.get_backend()
    save(density_slices(passage[:2]), tmp_path / "slices.png")
    assert dict(matplotlib.rcParams) == before
    assert matplotlib.get_backend() == backend


def test_without_matplotlib_the_error_says_what_to_install(
    passage: list[Moment], labels: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (
        lambda: density_slices(passage),
        lambda: particle_plot(passage, labels),
        lambda: animate(passage, tmp_path / "run.gif"),
    ):
        with pytest.raises(ImportError, match=r"pip install 'stellar-surrogate\[experiments\]'"):
            draw()


def test_importing_does_not_import_matplotlib() -> None:
    code = "import sys, surrogate.simulations.pictures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_recorded_merger_is_followed_and_drawn(starsmasher_dir: Path, tmp_path: Path) -> None:
    snapshots = [read_snapshot(path) for path in find_snapshots(starsmasher_dir / "merger")]
    history, labels = label_all(snapshots, 294)
    assert len(labels) == len(snapshots) == len(history.t)
    np.testing.assert_array_equal(labels[-1], history.labels)
    for label, mass, moment in zip(labels, history.mass, snapshots, strict=True):
        m = moment.particles().m
        assert [m[label == star].sum() for star in (1, 2)] == pytest.approx(list(mass))
    save(particle_plot(snapshots[::3], labels[::3]), tmp_path / "particles.png")
    save(bound_mass(history), tmp_path / "mass.png")
    assert len(list(tmp_path.iterdir())) == 2
