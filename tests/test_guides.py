"""The guides run as they stand: their Python blocks, from top to bottom."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = (
    "cluster",
    "nbody",
    "inference",
    "design",
    "transients",
    "enrichment",
    "other-codes",
    "sph",
    "off-grid",
)
OPTIONAL = ("amuse",)
"""Packages that no other test needs; blocks that import an absent one do not run."""


def absent(block):
    named = re.findall(r"^(?:from|import) (\w+)", block, re.MULTILINE)
    return {name for name in named if name in OPTIONAL and not find_spec(name)}


@pytest.mark.slow
@pytest.mark.parametrize("name", GUIDES)
def test_guide_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    text = (DOCS / f"{name}.md").read_text()
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert blocks
    namespace = {"__name__": "guide"}
    missing = set()
    for block in blocks:
        if absent(block[1]):
            missing |= absent(block[1])
            continue
        # Empty lines in front, so that an error names the line of the guide.
        lines = text[: block.start(1)].count("\n")
        exec(compile("\n" * lines + block[1], f"docs/{name}.md", "exec"), namespace)
    if missing:
        pytest.skip(f"all runs but what needs {', '.join(sorted(missing))}")
