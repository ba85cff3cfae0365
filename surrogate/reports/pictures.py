"""Pictures that belong to no window, as figures and as files for a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from surrogate.inference.optional import needs
from surrogate.simulations.picture_style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH: Final = 5.4
"""Of a picture of a page [in]: its letters are readable on a phone as well as in print."""


def bare_figure(width: float, height: float) -> Figure:
    """A figure without panels that belongs to no window.

    Args:
        width: [in].
        height: [in].

    Raises:
        ImportError: matplotlib is not installed.
    """
    # No pyplot: the figure of a library's function is in no list of windows, and no backend is
    # switched.
    figure = needs("matplotlib.figure", "experiments").Figure
    return figure(figsize=(width, height), layout="constrained")


def to_png(figure: Figure) -> bytes:
    """A picture as a PNG file of 64 colours, a third of the size that it has without."""
    image = needs("PIL.Image", "experiments")
    full = io.BytesIO()
    with styled():
        figure.savefig(full, format="png", dpi=170)
    small = io.BytesIO()
    with image.open(full) as picture:
        flat = picture.convert("RGB").quantize(64, dither=image.Dither.NONE)
        flat.save(small, format="png", optimize=True)
    return small.getvalue()
