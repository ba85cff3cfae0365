"""Boundary of a class in a plane: a one-class support vector machine with an RBF kernel.

The paper adjusts the kernel and the share of training errors by eye, so that the boundary holds as
many training points as possible and stays smooth. Here a rule does it, which looks at the training
class alone. The plane is scaled to unit variance. Of all pairs of `NUS`, the bound on the share of
training errors, and `GAMMAS`, the kernel's coefficient, those count whose boundaries hold
`RETENTION` of points of the class that they have not seen, in cross-validation. Of these the one
with the smallest area is taken: it says most; those in one piece without holes go before others.
Where none holds so many, that which holds most.

Source: Schoelkopf et al. (2001, Neural Computation 13, 1443), as scikit-learn has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

NUS: Final = (0.02, 0.05, 0.08)
GAMMAS: Final = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""In units of the scaled plane; with larger ones the boundary breaks into islands."""
RETENTION: Final = 0.93
FOLDS: Final = 5
REACH: Final = 5.0
"""The area is measured within this distance of the centre, in standard deviations."""
STEPS: Final = 81


class Boundary(NamedTuple):
    """A decision function of points z: sum_i weight_i exp(-gamma |u - point_i|^2) + offset.

    u = (z - centre) / scale; inside where the sum is not negative. As many rows as training points;
    those that are no support vectors have no weight.
    """

    point: Float[np.ndarray, "n 2"]
    weight: Float[np.ndarray, " n"]
    offset: Float[np.ndarray, ""]
    gamma: Float[np.ndarray, ""]
    centre: Float[np.ndarray, " 2"]
    scale: Float[np.ndarray, " 2"]

    def decide(self, z: Float[np.ndarray, "m 2"]) -> Float[np.ndarray, " m"]:
        """The decision function; NaN where a coordinate is."""
        u = (np.asarray(z, float) - self.centre) / self.scale
        squares = ((u[:, None, :] - self.point[None, :, :]) ** 2).sum(axis=-1)
        return np.exp(-self.gamma * squares) @ self.weight + self.offset

    def inside(self, z: Float[np.ndarray, "m 2"]) -> Bool[np.ndarray, " m"]:
        """Which points are within the boundary."""
        return np.asarray(self.decide(z) >= 0.0)


def fit_boundary(z: Float[np.ndarray, "n 2"], *, retention: float = RETENTION) -> Boundary:
    """Draw the boundary of a class around its points.

    Args:
        z: n points of the class.
        retention: least share of unseen points of the class that must be held.

    Raises:
        ValueError: there are fewer points than folds of the cross-validation.
    """
    if len(z) < FOLDS:
        raise ValueError(f"z: {len(z)} points, allowed: {FOLDS} and more; give more patterns")
    z = np.asarray(z, float)
    centre, scale = z.mean(axis=0), np.maximum(z.std(axis=0), 1e-9)
    u = (z - centre) / scale
    held = {(nu, gamma): _retained(u, nu, gamma) for nu in NUS for gamma in GAMMAS}
    enough = min(retention, max(held.values()))
    drawn = [_draw(u, *pair) for pair, share in held.items() if share >= enough]
    found = min(drawn, key=_rank)
    return found._replace(centre=centre, scale=scale)


def _draw(u: Float[np.ndarray, "n 2"], nu: float, gamma: float) -> Boundary:
    machine = _machine(u, nu, gamma)
    weight = np.zeros(len(u))
    weight[machine.support_] = machine.dual_coef_[0]
    offset = np.asarray(machine.intercept_[0])
    return Boundary(u, weight, offset, np.asarray(gamma), np.zeros(2), np.ones(2))


def _rank(boundary: Boundary) -> tuple[bool, float]:
    """Whether it is broken, and the share of a square around the centre that is inside."""
    from scipy.ndimage import label

    axis = np.linspace(-REACH, REACH, STEPS)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1)
    inside = boundary.inside(plane.reshape(-1, 2)).reshape(plane.shape[:2])
    # Beyond a rim that is outside there is one piece of it, and every hole is another.
    pieces, parts = label(inside)[1], label(np.pad(~inside, 1, constant_values=True))[1]
    return bool(pieces + parts > 2), float(inside.mean())


def _retained(u: Float[np.ndarray, "n 2"], nu: float, gamma: float) -> float:
    """Share of the points that boundaries around the others hold; every fifth is left out."""
    # By distance from the centre, so that every fold has some of the rim, whatever the order.
    fold = np.argsort(np.argsort((u**2).sum(axis=1), kind="stable")) % FOLDS
    held = [
        _machine(u[fold != k], nu, gamma).decision_function(u[fold == k]) >= 0.0
        for k in range(FOLDS)
    ]
    return float(np.concatenate(held).mean())


def _machine(u: Float[np.ndarray, "n 2"], nu: float, gamma: float) -> Any:
    from sklearn.svm import OneClassSVM

    return OneClassSVM(nu=nu, gamma=gamma).fit(u)
