"""Figure 3: latent planes of one-class classifiers, with their boundaries and the stars.

Needs: `jinabase/`, `fruity/` and `monash/` (in SURROGATE_DATA or --data); a minute.

Of the shipped networks the first of each kind is drawn; planes of other seeds are turned, stretched
and folded otherwise. Simulations are all that one-class classifiers were trained on or are asked
about.
"""

from __future__ import annotations

from loading import CLASSES, load_patterns, load_stars
from surrogate.enrichment.classifiers.shipped import load_shipped
from surrogate.enrichment.figures import draw_latent
from surrogate.reports.run import Run, start
from surrogate.reports.style import save


def body(run: Run) -> None:
    models, stars = load_shipped(), load_stars(run)
    patterns = load_patterns(run, balanced=False).of("r", "s")
    for size in ("L", "S"):
        figure = draw_latent(models, patterns, stars, classes=CLASSES, size=size)
        save(figure, run, run.name if size == "L" else f"{run.name}_small")


if __name__ == "__main__":
    start(body, __file__)
