"""Pictures like the paper's: patterns, binary outputs, latent planes, receiver curves."""

from surrogate.enrichment.figures.i_process import draw_i_process
from surrogate.enrichment.figures.latent import draw_latent
from surrogate.enrichment.figures.outputs import draw_outputs
from surrogate.enrichment.figures.patterns import draw_patterns
from surrogate.enrichment.figures.receivers import draw_receivers, receivers_at, receivers_of

__all__ = [
    "draw_i_process",
    "draw_latent",
    "draw_outputs",
    "draw_patterns",
    "draw_receivers",
    "receivers_at",
    "receivers_of",
]
