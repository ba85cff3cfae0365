"""The classifiers that come with the package."""

from __future__ import annotations

from surrogate.enrichment.classifiers.models import Models
from surrogate.enrichment.classifiers.store import load_models
from surrogate.learning.checkpoints import shipped


def load_shipped() -> Models:
    """Classifiers trained on the library's own r-process and on published s-process patterns.

    Their card says of what, how, and how good they are.
    """
    return load_models(shipped("enrichment") / "classifiers")
