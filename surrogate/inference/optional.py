"""Packages that only a part of the library needs."""

from __future__ import annotations

import importlib
from types import ModuleType


def needs(name: str, extra: str = "inference") -> ModuleType:
    """Import a module of an optional package.

    Args:
        name: of the module, such as "numpyro.infer".
        extra: of this package, that it comes with.

    Returns:
        The module.

    Raises:
        ImportError: it is not installed; says how to.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"needs {name.split('.')[0]}: pip install 'stellar-surrogate[{extra}]'"
        ) from error
