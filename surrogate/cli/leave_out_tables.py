"""How the results of `surrogate leave-out` are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Row = dict[str, Any]

TITLES = {
    "mass": "Each mass left out in turn [Msun]",
    "age": "Each age left out in turn [Gyr]",
    "beyond": "The heaviest mass left out [Msun]",
    "tams": "Each TAMS left out in turn [Msun of the heavier star]",
}
COLUMNS = {
    "error 1 / 2": ("median_relative_error_1", "median_relative_error_2"),
    "acc. / bal.": ("accuracy", "balanced_accuracy"),
    "68/95, 1": ("coverage68_1", "coverage95_1"),
    "68/95, 2": ("coverage68_2", "coverage95_2"),
}
"""Pairs of measures, each in per cent; a model without intervals has no columns of coverage."""
LEGEND = (
    "All in %: median relative errors of star 1 / 2, accuracy / balanced accuracy of the fates, "
    "final masses of star 1 and 2 within their 68/95 % intervals."
)
MARGIN, WIDE = 22, 42
"""Columns of a terminal that a table needs, and that each model in it needs."""


def tables(kind: str, found: dict[str, Any], width: int) -> list[Table]:
    """Tables of one kind of fold: models side by side where they fit.

    Args:
        kind: of fold.
        found: its part of the summary.
        width: columns of the terminal.
    """
    models = found["models"]
    fit = width >= MARGIN + WIDE * len(models)
    together = [models] if fit else [{k: v} for k, v in models.items()]
    return [_table(TITLES[kind], shown, len(found["mean_over"])) for shown in together]


def _table(title: str, models: dict[str, Any], common: int) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column("left out")
    table.add_column("rows", justify="right")
    shown = []
    for name, model in models.items():
        pairs = [
            pair for pair in COLUMNS.items() if any(_has(row, pair[1]) for row in model["folds"])
        ]
        shown.append((model, [measures for _, measures in pairs]))
        for k, (head, _) in enumerate(pairs):
            table.add_column(f"{name if k == 0 else ''}\n{head}", justify="right")
    for value in sorted({row["left_out"] for m in models.values() for row in m["folds"]}):
        found = [({r["left_out"]: r for r in m["folds"]}.get(value, {}), p) for m, p in shown]
        count = next(row["rows"] for row, _ in found if row)
        table.add_row(f"{value:.4g}", f"{count:,}", *_cells(found))
    table.add_section()
    table.add_row(
        f"mean of {common}", "", *_cells([(m["mean"], p) for m, p in shown]), style="bold"
    )
    return table


def _has(row: Row, measures: tuple[str, str]) -> bool:
    return any(row.get(k) is not None for k in measures)


def _cells(found: list[tuple[Row, list[tuple[str, str]]]]) -> list[str]:
    return [
        " / ".join(_percent(row.get(k), k) for k in measures)
        for row, pairs in found
        for measures in pairs
    ]


def _percent(value: float | None, measure: str) -> str:
    if value is None:
        return "-"
    if "coverage" in measure:
        return f"{100 * value:.0f}"
    return f"{100 * value:.3g}" if "error" in measure else f"{100 * value:.1f}"


def notes(found: dict[str, Any]) -> list[str]:
    """What the figures are, and how long each model was trained."""
    return [LEGEND, *(_training(name, model) for name, model in found["models"].items())]


def _training(name: str, model: dict[str, Any]) -> str:
    parts = []
    for part, epochs in model["epochs"].items():
        trained = " or ".join(f"{n:,}" for n in epochs["trained"])
        seeds = " or ".join(",".join(map(str, s)) for s in model["seeds"][part])
        whole = "" if epochs["trained"] == [epochs["full"]] else f" of {epochs['full']:,}"
        parts.append(f"{part} {trained}{whole} epochs, seeds {seeds}")
    return f"{name}: {'; '.join(parts)}."
