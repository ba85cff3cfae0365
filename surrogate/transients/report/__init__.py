"""A report on many objects, to be read and printed: one HTML file."""

from surrogate.reports.receiver import Receiver, receiver_curve
from surrogate.transients.report.html import write_report
from surrogate.transients.report.known import Host

__all__ = ["Host", "Receiver", "receiver_curve", "write_report"]
