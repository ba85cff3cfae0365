"""Figure 1: abundance patterns of the simulations and of the stars.

Needs: `jinabase/`, `fruity/` and `monash/` (in SURROGATE_DATA or --data); a minute.

The r patterns are of the package's own network, not of the paper's tracers: its figure is beside
this one for comparison.
"""

from __future__ import annotations

from loading import CLASSES, load_patterns, load_stars
from surrogate.enrichment.figures import draw_patterns
from surrogate.reports.run import Run, start
from surrogate.reports.style import save


def body(run: Run) -> None:
    patterns = load_patterns(run).of("r", "s")
    save(draw_patterns(patterns, load_stars(run), classes=CLASSES), run)


if __name__ == "__main__":
    start(body, __file__)
