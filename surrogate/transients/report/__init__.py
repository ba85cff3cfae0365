"""A report on many objects, to be read and printed: one HTML file."""

from surrogate.transients.report.html import write_report
from surrogate.transients.report.known import Host
from surrogate.transients.report.receiver import Receiver, receiver_curve

__all__ = ["Host", "Receiver", "receiver_curve", "write_report"]
