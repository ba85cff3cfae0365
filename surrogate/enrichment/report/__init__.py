"""A report on the labels of stars, to be read and printed: one HTML file."""

from surrogate.enrichment.report.html import write_report

__all__ = ["write_report"]
