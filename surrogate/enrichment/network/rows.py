"""The implicit step of one row after the other, and nothing subtracted in it.

A backward Euler step of element z is a tridiagonal system in N: what a nucleus loses to the next
isotope by capture and to the one before by photodisintegration, these gain. Beside rates of
1e15 / s the 1 of the diagonal drowns in rounding, and with it the number of nuclei. So the
elimination keeps apart what leaves the row (`loss`), as Grassmann, Taksar & Heyman (1985, Oper.
Res. 33, 1107) do for Markov chains: every number is a sum of products of positive ones, and the
abundances are right to rounding one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jaxtyping import Array, Float


class Factors(NamedTuple):
    """The eliminated system of every row."""

    pivot: Float[Array, "z w"]
    passed: Float[Array, "z w"]
    """Share of a nucleus that goes on to the next isotope."""
    back: Float[Array, "z w"]
    """Share of the next isotope that comes back, over the pivot."""


def eliminate(
    capture: Float[Array, "z w"], disintegration: Float[Array, "z w"], loss: Float[Array, "z w"]
) -> Factors:
    """Eliminate every row from low N to high N, all rows at once.

    With c, g and e the arguments: q_j = e_j + g_j q_(j-1) / p_(j-1), p_j = q_j + c_j.

    Args:
        capture: probability flow to the next column, h n <sigma v>; 0 in the last nucleus.
        disintegration: to the column before, h lambda; 0 in the first.
        loss: 1 + h (sum of all other rates).

    Returns:
        What `substitute` needs of each row.
    """

    def column(
        share: Float[Array, " z"], x: tuple[Array, Array, Array]
    ) -> tuple[Float[Array, " z"], Float[Array, " z"]]:
        c, g, e = x
        q = e + g * share
        p = q + c
        return q / p, p

    flows = (capture.T, disintegration.T, loss.T)
    pivot = jax.lax.scan(column, jnp.zeros_like(loss[:, 0]), flows)[1].T
    none = jnp.zeros_like(pivot[:, :1])
    back = jnp.concatenate([disintegration[:, 1:], none], axis=1) / pivot
    passed = jnp.concatenate([none, (capture / pivot)[:, :-1]], axis=1)
    return Factors(pivot, passed, back)


def substitute(row: Factors, source: Float[Array, " w"]) -> Float[Array, " w"]:
    """Solve one row.

    Args:
        row: of `eliminate`, without the leading axis.
        source: abundances before the step and what came in during it.

    Returns:
        Abundances after the step.
    """

    def add(before: Array, x: tuple[Array, Array]) -> tuple[Array, Array]:
        value = x[0] * before + x[1]
        return value, value

    zero = jnp.zeros_like(source[0])
    up = jax.lax.scan(add, zero, (row.passed, source))[1]
    return jax.lax.scan(add, zero, (row.back, up / row.pivot), reverse=True)[1]


def climb(
    factors: Factors,
    y: Float[Array, "z w"],
    decay: Float[Array, "k z w"],
    shift: Float[Array, " z"],
) -> Float[Array, "z w"]:
    """Solve the rows in rising Z, each fed by the beta decays of the one before.

    Args:
        factors: of `eliminate`.
        y: abundances before the step.
        decay: probability that a nucleus decays within the step and k neutrons follow, h lambda
            P_k, by its abundance after the step.
        shift: first neutron number of a row, less that of the row before.

    Returns:
        Abundances after the step.
    """
    kinds = decay.shape[0]
    room = 4

    def row(fed: Array, x: tuple[Factors, Array, Array, Array]) -> tuple[Array, Array]:
        factor, before, p, moved = x
        source = before + jax.lax.dynamic_slice(fed, (moved,), before.shape)
        after = substitute(factor, source)
        leaving = p * after
        # The daughter of column j stands at j - 1 - k, less the shift.
        total = sum(jnp.pad(leaving[k, 1 + k :], (0, 1 + k + room)) for k in range(kinds))
        return jnp.asarray(total), after

    start = jnp.zeros(y.shape[1] + room, y.dtype)
    return jax.lax.scan(row, start, (factors, y, jnp.moveaxis(decay, 0, 1), shift))[1]
