"""A semi-analytic nuclear star cluster whose stars collide, for use in population codes."""

from surrogate.cluster.cusp import Cusp
from surrogate.cluster.evolution import Evolution, evolve
from surrogate.cluster.mass_function import MassFunction, kroupa, power_law
from surrogate.cluster.population import Stars, Status, draw_population, status
from surrogate.cluster.records import Events, Records, totals

__all__ = [
    "Cusp",
    "Events",
    "Evolution",
    "MassFunction",
    "Records",
    "Stars",
    "Status",
    "draw_population",
    "evolve",
    "kroupa",
    "power_law",
    "status",
    "totals",
]
