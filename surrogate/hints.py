"""What to say of a name that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], most: int = 1) -> str:
    """Ask for the known names that are most like a name.

    Args:
        name: what was given.
        known: what is allowed.
        most: how many to name.

    Returns:
        Such as "did you mean alpha?"; nothing where no name is like it.
    """
    near = difflib.get_close_matches(name, sorted(known), most)
    return f"did you mean {' or '.join(near)}?" if near else ""
