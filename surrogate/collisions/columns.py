"""Tables: dataclasses whose fields are columns of equal length."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Columns:
    """What all tables can do; each adds its columns, of shape (n,), as fields."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns().values())))

    def take(self, indices: ArrayLike) -> Self:
        """Return the rows at `indices`: integers (k,) or a boolean mask (n,)."""
        chosen = np.asarray(indices)
        if chosen.size == 0:  # an empty list arrives as float
            chosen = chosen.astype(np.int64)
        return type(self)(**{name: column[chosen] for name, column in self.columns().items()})

    def columns(self) -> dict[str, NDArray]:
        """Return the columns by name, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
