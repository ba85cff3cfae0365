"""How the pictures look: sizes, colours and line styles, and where they are kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.typing import ColorType
from PIL import Image

from surrogate.collisions.encounter import Fate
from surrogate.reports.run import Run
from surrogate.simulations.picture_style import STYLE as PICTURES

COLUMN: Final = 3.4
"""Width of a column of a printed page [in]."""
PAGE: Final = 7.1
"""Width of both columns [in]."""

STYLE: Final[dict[Any, Any]] = {
    **PICTURES,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.06,
    "legend.title_fontsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "hatch.linewidth": 0.4,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the scripts inside the block only, and where there is no screen."""
    plt.switch_backend("Agg")
    with plt.rc_context(STYLE):
        yield


class FateLook(NamedTuple):
    """How a fate is drawn."""

    label: str
    colour: str
    marker: str


FATES: Final = {
    Fate.NONE: FateLook("none", "#332288", "X"),
    Fate.STRIPPED: FateLook("stripped", "#CC6677", "D"),
    Fate.MERGER: FateLook("merger", "#88CCEE", "s"),
    Fate.TWO: FateLook("two", "#F4F1DE", "o"),
}
"""From dark to light, so that they are told apart in grey; safe for the colour-blind."""


class MethodLook(NamedTuple):
    """How a method is drawn."""

    colour: str
    line: str


METHODS: Final = {
    "k-NN": MethodLook("#DDAA33", ":"),
    "SVC": MethodLook("#BB5566", "-."),
    "SVR": MethodLook("#BB5566", "-."),
    "network": MethodLook("#004488", "-"),
    "mixture": MethodLook("#44AA99", "--"),
}
"""Ordered in lightness as well; support vectors look the same in both tasks."""

PARTS: Final = {"training": "o", "validation": "s", "test": "^"}
"""Markers of the parts of the split, as in the paper."""

VINF_LABEL: Final = r"velocity at infinity $v_\infty$ [km s$^{-1}$]"
CONTACT_LABEL: Final = r"pericentre $r_p\,/\,(R_1+R_2)$"


def luminance(colour: ColorType) -> float:
    """Relative luminance of a colour: 0 black, 1 white.

    Source: IEC 61966-2-1 (sRGB).
    """
    c: np.ndarray = np.array([*to_rgb(colour)])
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def ink(ground: ColorType) -> str:
    """Black or white, whichever reads better on a ground of this colour."""
    # Where the contrast to either, (L + 0.05) / (L' + 0.05), is the same.
    return "black" if luminance(ground) > 0.179 else "white"


def tint(colour: str, strength: float = 0.55) -> tuple[float, float, float]:
    """The colour on a white page, as an area behind points of the full colour."""
    red, green, blue = (1.0 - strength * (1.0 - c) for c in to_rgb(colour))
    return red, green, blue


def save(figure: Figure, run: Run, stem: str = "") -> None:
    """Write STEM.png and STEM.pdf among the results, close the figure and say where they are.

    Args:
        figure: the figure.
        run: the run it belongs to.
        stem: name of the files, where not that of the script.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    stem = stem or run.name
    _save_png(figure, run.folder / f"{stem}.png")
    # Without a date the same run writes the same bytes.
    figure.savefig(run.folder / f"{stem}.pdf", metadata={"CreationDate": None})
    plt.close(figure)
    for suffix in ("png", "pdf"):
        print(run.folder / f"{stem}.{suffix}")


def _save_png(figure: Figure, path: Path) -> None:
    """Write a picture with a palette of 256 colours, a third of the size that it has without."""
    full = io.BytesIO()
    figure.savefig(full, format="png")
    with Image.open(full) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
