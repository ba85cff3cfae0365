"""Patterns that the reaction network makes: of which conditions, and where they are kept."""

from surrogate.enrichment.bank.shipped import shipped_patterns

__all__ = ["shipped_patterns"]
