"""The made-up simulations of `enrichment`, by the names that tests here import."""

from ..conftest import ELEMENTS, R, S, make

__all__ = ["ELEMENTS", "R", "S", "make"]
