"""One HTML file that needs nothing else, on a phone or on paper; its pieces, all text escaped."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from html import escape
from string import Template
from typing import Final

from surrogate.learning.problems import Problem
from surrogate.reports.words import NONE, count

MOST_PROBLEMS: Final = 300
"""Lines of problems; more are counted only."""
FEW_ROWS: Final = 8
"""Numbers of rows in a line."""
_NUMBER: Final = '<td class="n">'


def page(title: str, parts: Mapping[str, str]) -> str:
    """A whole page.

    Args:
        title: of the page.
        parts: HTML of each section by its head, in order.
    """
    body = "".join(
        f"<section><h2>{escape(head)}</h2>{content}</section>" for head, content in parts.items()
    )
    return _PAGE.substitute(title=escape(title), style=_STYLE, body=body)


def image(png: bytes, alt: str) -> str:
    """A picture within the page."""
    data = b64encode(png).decode("ascii")
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def link_table(
    what: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: Collection[str],
    links: Mapping[int, str],
) -> str:
    """A table of names and what is known of them; what no row has is no column.

    Args:
        what: it is a table of.
        heads: of the columns; the first one is of the names.
        rows: cells as text, `words.NONE` where there is nothing.
        words: heads of columns of words; others are of numbers.
        links: section that a name leads to, by row.
    """
    known = [k for k in range(1, len(heads)) if any(row[k] != NONE for row in rows)]
    body = []
    for index, row in enumerate(rows):
        name = escape(row[0])
        name = f'<a href="#{links[index]}">{name}</a>' if index in links else name
        rest = "".join(_cell(row[k], heads[k] in words) for k in known)
        body.append(f'<tr><th scope="row">{name}</th>{rest}</tr>')
    head = "".join(f'<th scope="col">{escape(heads[k])}</th>' for k in (0, *known))
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="Table of {escape(what)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(text: str, is_word: bool) -> str:
    return f"{'<td>' if is_word else _NUMBER}{escape(text)}</td>"


def problem_list(problems: Sequence[Problem], notes: Collection[StrEnum] = ()) -> str:
    """What was wrong, by the name of the object; rows with the same trouble are one line.

    Args:
        problems: of the reader.
        notes: kinds that cost nothing; they are only counted.
    """
    if not problems:
        return "<p>None.</p>"
    kinds = Counter(problem.kind for problem in problems)
    counted = "; ".join(
        f"{kind.value}: {n:,}" + (" (nothing is left out)" if kind in notes else "")
        for kind, n in kinds.most_common()
    )
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if problem.kind not in notes:
            groups.setdefault((problem.name, problem.kind.value), []).append(problem)
    lines = [
        f"<li><b>{escape(name)}</b>: {escape(f'{kind}{_rows(group)}: {group[0].message}')}</li>"
        for (name, kind), group in sorted(groups.items())[:MOST_PROBLEMS]
    ]
    rest = len(groups) - len(lines)
    return f"<p>{escape(counted)}.</p><ul>{''.join(lines)}</ul>" + (
        f"<p>{count(rest, 'line')} left out.</p>" if rest else ""
    )


def _rows(group: Sequence[Problem]) -> str:
    """Which rows have the trouble; its message is the first one's."""
    rows = [str(problem.row) for problem in group if problem.row is not None]
    if not rows:
        return ""
    more = f" and {len(rows) - FEW_ROWS:,} more" if len(rows) > FEW_ROWS else ""
    return f", {'row' if len(rows) == 1 else 'rows'} {', '.join(rows[:FEW_ROWS])}{more}"


_STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #fff; margin: 0 auto;
  padding: 0 1rem 3rem; max-width: 60rem; overflow-wrap: break-word; }
h1 { line-height: 1.2; }
h2 { border-bottom: 1px solid #999; margin-top: 2.5rem; }
img { display: block; width: 100%; max-width: 46rem; height: auto; }
a { color: #004488; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid #ddd; text-align: left;
  white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; border-bottom: 1px solid #111; }
.n { text-align: right; }
.against { border-left: .25rem solid #BB5566; padding-left: 1.75rem; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem 1rem; }
@media print {
  body { font-size: 10pt; max-width: none; padding: 0; }
  .wide { overflow: visible; }
  table { font-size: 6.5pt; }
  th, td { padding: .1rem .2rem; white-space: normal; }
  .object { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""

_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>$title</title>
<style>$style</style>
</head>
<body>
<h1>$title</h1>
$body
</body>
</html>
""")
