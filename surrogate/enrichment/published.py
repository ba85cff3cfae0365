"""The stars that the paper labels, cell by cell.

Source: "Classifying metal-poor stars with machine learning using nucleosynthesis calculations",
tables 1 and 2.
"""

from __future__ import annotations

from typing import Final, NamedTuple

COLUMNS: Final = (
    "BC-L, minimal separation",
    "BC-S, minimal separation",
    "BC-L, maximal separation",
    "BC-S, maximal separation",
    "OCC-L, trained on r",
    "OCC-S, trained on r",
    "OCC-L, trained on s",
    "OCC-S, trained on s",
)
"""Of table 1: two binary classifiers (BC) and two one-class ones (OCC), large and small. Table 2
has the last four."""


class Published(NamedTuple):
    """A row: a cell is r or s, - where the star lacks the element, . where it is outside r or s."""

    number: int
    """Of the star in the paper."""
    name: str
    reference: str
    """JINAbase's key of the publication."""
    er: str
    """A cell for each of `COLUMNS`, or for its last four, with the elements up to Er."""
    pb: str
    """The same with Pb in place of Er."""
    overall: str
    """The paper's own label; ? where it gives none."""
    jinabase: str
    """JINAbase's label: r, s or i."""

    @property
    def has_er(self) -> bool:
        """Whether Er is measured."""
        return "-" not in self.er

    @property
    def has_pb(self) -> bool:
        """Whether Pb is measured."""
        return "-" not in self.pb


TABLE_1: Final = (
    Published(3, "HD196944", "ROE14b", "ssss..ss", "ssss..ss", "s", "s"),
    Published(4, "SDSSJ134913.54-022942.8", "BEH10", "rrrr..s.", "ssrr..ss", "s", "s"),
    Published(9, "HE0414-0343", "HOL15", "rrssrr..", "srss....", "r", "s"),
    Published(10, "HE0448-4806", "HAN15", "rrrrrr..", "rrssrr..", "r", "r"),
    Published(12, "HE2258-6358", "PLA13", "rrrrrr..", "srss.r..", "r", "s"),
    Published(16, "BD-012582", "ROE14b", "rrss.r..", "ssss..ss", "s", "s"),
    Published(22, "CS22892-052", "ROE14b", "rrrrrr..", "--------", "r", "r"),
    Published(24, "CS22947-187", "ROE14b", "rrrr.r..", "ssss....", "r", "s"),
    Published(25, "CS22881-036", "ROE14b", "ssss....", "ssss....", "s", "s"),
    Published(26, "CS22879-029", "ROE14b", "--------", "ssss..ss", "s", "s"),
    Published(33, "CS29513-014", "ROE14b", "rrss..ss", "ssss..ss", "s", "s"),
    Published(38, "CS22945-024", "ROE14b", "rrrr..ss", "ssss..ss", "s", "s"),
    Published(40, "CS29495-042", "ROE14b", "ssss..ss", "ssss..ss", "s", "s"),
    Published(48, "SDSSJ103649.93+121219.8", "BEH10", "ssss....", "--------", "s", "r"),
    Published(49, "LP625-44", "AOK02b", "rrrr..ss", "ssss..ss", "s", "s"),
    Published(53, "CS29491-069", "HAY09", "rrrrrr..", "--------", "r", "r"),
    Published(57, "BD-16251", "HON04", "rrrrrr..", "--------", "r", "r"),
    Published(59, "HD186478", "HON04", "rrrrrr..", "--------", "r", "r"),
    Published(60, "HE2229-4153", "SIQ14", "rrrrrr..", "--------", "r", "r"),
    Published(62, "CS31062-050", "JOH04", "rrrrrr..", "srss....", "r", "s"),
    Published(63, "CS31082-001", "HIL02", "rrrrrr..", "rrrrrr..", "r", "r"),
    Published(64, "CS22896-154", "CAY04", "rrrrrr..", "--------", "r", "r"),
    Published(66, "BS17569-049", "CAY04", "rrrrrr..", "--------", "r", "r"),
    Published(70, "CS22953-003", "ROE14b", "rrrrrr..", "--------", "r", "r"),
    Published(71, "HE2252-4225", "MAS14", "rrrrrr..", "--------", "r", "r"),
    Published(75, "HE0240-0807", "SIQ14", "rrrrrr..", "--------", "r", "r"),
    Published(78, "HD221170", "IVA06", "rrrrrr..", "rrrrrr..", "r", "r"),
    Published(93, "HE1219-0312", "HAY09", "rrrrrr..", "--------", "r", "r"),
    Published(94, "HE0524-2055", "SIQ14", "rrrrrr..", "--------", "r", "r"),
    Published(95, "HD115444", "HON04", "rrrrrr..", "--------", "r", "r"),
    Published(96, "HD108317", "ROE12b", "rrrrrr..", "--------", "r", "r"),
    Published(99, "BD+082856", "JOH02a", "rrrrrr..", "--------", "r", "r"),
    Published(105, "HD119516", "ROE10", "rrrrrr..", "--------", "r", "r"),
    Published(106, "CS30306-132", "HON04", "rrrrrr..", "--------", "r", "r"),
    Published(108, "CS30315-029", "SIQ14", "rrrrrr..", "--------", "r", "r"),
    Published(110, "BD+173248", "COW02", "rrrrrr..", "rrrrrr..", "r", "r"),
    Published(112, "HE2327-5642", "MAS10", "rrrrrr..", "--------", "r", "r"),
    Published(113, "HD6268", "ROE14b", "rrrrrr..", "--------", "r", "r"),
)
"""Stars of class r or s."""
TABLE_2: Final = (
    Published(20, "HE1405-0822", "CUI13", ".r..", "rr..", "r", "i"),
    Published(27, "SDSSJ091243.72+021623.7", "BEH10", "r.s.", "..ss", "s", "i"),
    Published(28, "HE2148-1247", "COH13", "----", "....", "?", "i"),
    Published(30, "HE0338-3945", "JON06", "rr..", "....", "?", "i"),
    Published(41, "HE0243-3044", "HAN15", "rr..", "....", "?", "i"),
)
"""Stars of class i."""
PUBLISHED: Final = TABLE_1 + TABLE_2
