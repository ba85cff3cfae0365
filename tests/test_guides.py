"""The guides run as they stand: their Python blocks, from top to bottom."""

import re
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
    "off-grid",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", GUIDES)
def test_guide_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    text = (DOCS / f"{name}.md").read_text()
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert blocks
    namespace = {"__name__": "guide"}
    for block in blocks:
        # Empty lines in front, so that an error names the line of the guide.
        lines = text[: block.start(1)].count("\n")
        exec(compile("\n" * lines + block[1], f"docs/{name}.md", "exec"), namespace)
