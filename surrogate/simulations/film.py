"""Animations: .gif through Pillow, .mp4 where ffmpeg is installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from surrogate.learning.files import replace_file
from surrogate.simulations.picture_style import COLOURS, LOOKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

DPI: Final = 160
"""Points per inch of the pictures of a film."""


def check_film(path: Path) -> None:
    """Refuse a film that could not be written.

    Raises:
        ValueError: the ending is neither .gif nor .mp4, or ffmpeg is not installed.
    """
    from matplotlib.animation import FFMpegWriter

    if path.suffix.lower() not in (".gif", ".mp4"):
        raise ValueError(f"{path}: the ending is {path.suffix!r}, allowed: .gif, .mp4")
    if path.suffix.lower() == ".mp4" and not FFMpegWriter.isAvailable():
        raise ValueError(f"{path}: an .mp4 needs ffmpeg, which is not installed; write a .gif")


def write_film(path: Path, figure: Figure, pictures: Iterable[object], fps: int) -> None:
    """Write a film, whole or not at all.

    Args:
        path: a .gif or an .mp4; its folder is made where it is missing.
        figure: what is filmed.
        pictures: changes the figure to the next picture whenever it is asked for an item.
        fps: pictures a second.

    Raises:
        ValueError: as `check_film`.
    """
    check_film(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write = _write_gif if path.suffix.lower() == ".gif" else _write_mp4
    replace_file(path, lambda scratch: write(scratch, figure, pictures, fps))


def _write_mp4(path: Path, figure: Figure, pictures: Iterable[object], fps: int) -> None:
    from matplotlib.animation import FFMpegWriter

    writer = FFMpegWriter(fps=fps)
    with writer.saving(figure, str(path), dpi=DPI):
        for _ in pictures:
            writer.grab_frame()


def _write_gif(path: Path, figure: Figure, pictures: Iterable[object], fps: int) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(DPI)
    canvas, palette = FigureCanvasAgg(figure), _palette()
    frames = []
    for _ in pictures:
        canvas.draw()
        full = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        frames.append(full.quantize(palette=palette, dither=Image.Dither.NONE))
    duration = round(1000 / fps)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=duration, loop=0)


def _palette() -> Image:
    """256 colours for all pictures: those found by counting would leave out the small, dense cores.

    Those of the densities, greys, and the colours of the components with their way to white, on
    which the edges of markers lie.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from PIL import Image

    dense = colormaps[COLOURS](np.linspace(0, 1, 200))[:, :3]
    grey = np.linspace(0, 1, 32)[:, None] * np.ones(3)
    fade = np.linspace(0, 0.9, 8)[:, None]
    parts = [fade + (1 - fade) * np.array(to_rgb(look.colour)) for look in LOOKS.values()]
    image = Image.new("P", (1, 1))
    image.putpalette(np.rint(255 * np.concatenate([dense, grey, *parts])).astype("u1").tobytes())
    return image
