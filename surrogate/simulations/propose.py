"""Which collisions to simulate next: those that an ensemble is unsure of, unlike each other.

A candidate's score is H + I, in nats: H is the entropy of the members' mean probability of the
four fates, large near the boundaries between fates, where a run moves the boundary most; I is the
mutual information between the fate and the choice of a member (BALD), large where the members
disagree, which more runs cure. At a boundary that all members put in the same place, a chance of
the simulations themselves, only H is left. Batches are chosen greedily by score times distance from
what is chosen and known already, so that no two runs tell the same.

Sources: Houlsby et al. 2011, arXiv:1112.5745, equation 2 (I); Gonzalez 1985, Theor. Comput. Sci.
38, 293 (farthest-first traversal, which is what is left where all scores are equal).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlogy

from surrogate.collisions import inputs
from surrogate.collisions.encounter import Encounter
from surrogate.collisions.ensemble import FEATURES, ask_members
from surrogate.collisions.pair import arrange
from surrogate.collisions.prediction import fates

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Int
    from numpy.typing import NDArray

    from surrogate.collisions.predictor import CollisionModel

LEAST_SCORE = 1e-6
"""Of the greatest: candidates below it count alike, and distance alone decides between them."""
BLOCK = 1024
"""Encounters, or known runs, that are worked on at once, so that memory stays small."""


def entropy(probabilities: Float[Array, "*batch classes"]) -> Float[Array, "*batch"]:
    """Entropy of the probabilities along the last axis [nat]; 0 where one is 1."""
    # Rounding may bring a sum of probabilities to just above 1.
    return jnp.maximum(-jnp.sum(xlogy(probabilities, probabilities), axis=-1), 0.0)


def boundary(probabilities: Float[Array, "members n classes"]) -> Float[Array, " n"]:
    """How close each candidate is to a boundary between fates: H of the members' mean.

    Args:
        probabilities: of each class by each member of an ensemble.

    Returns:
        Entropy [nat]: 0 where all are certain of one fate, ln(classes) where nothing is known.
    """
    return entropy(jnp.mean(jnp.asarray(probabilities), axis=0))


def disagreement(probabilities: Float[Array, "members n classes"]) -> Float[Array, " n"]:
    """How far the members disagree about each candidate: mutual information of fate and member.

    Args:
        probabilities: of each class by each member of an ensemble.

    Returns:
        Entropy of the mean less the mean entropy [nat]: 0 where members agree, ln(members) where
        each is certain of another class. Source: Houlsby et al. 2011, equation 2.
    """
    p = jnp.asarray(probabilities)
    information = boundary(p) - jnp.mean(entropy(p), axis=0)
    # Never negative but by rounding.
    return jnp.maximum(information, 0.0)


def score(probabilities: Float[Array, "members n classes"]) -> Float[Array, " n"]:
    """What a run of each candidate is worth: `boundary` plus `disagreement` [nat]."""
    return boundary(probabilities) + disagreement(probabilities)


def choose(
    scores: Float[Array, " n"],
    features: Float[Array, "n d"],
    batch: int,
    key: Array,
    known: Float[Array, "k d"] | None = None,
) -> Int[NDArray[Any], " batch"]:
    """Choose a batch of candidates with high scores that are unlike each other.

    One after the other: always the candidate with the greatest score times distance from the
    nearest one that is chosen or known. The first of all, without any known, is the one with the
    greatest score.

    Args:
        scores: what each candidate is worth, not negative.
        features: of each candidate, standardised: distances are Euclidean.
        batch: how many to choose.
        key: breaks ties.
        known: features of what has been simulated already.

    Returns:
        Indices of candidates in the order of their choice, no two alike.

    Raises:
        ValueError: a shape does not match, a value is not finite, a score is negative, or there
            are fewer candidates than `batch`.
    """
    worth, x = np.asarray(scores, np.float32), np.asarray(features, np.float32)
    seen = x[:0] if known is None else np.asarray(known, np.float32)
    _check(worth, x, seen, batch)
    if batch == 0:
        return np.zeros(0, np.int64)
    # Of equals the first one wins: in a random order that is any of them.
    order = np.asarray(jax.random.permutation(key, len(worth)))
    chosen = _greedy(worth[order], x[order], seen, batch)
    return order[np.asarray(chosen)].astype(np.int64)


def propose(
    model: CollisionModel,
    candidates: Encounter,
    batch: int,
    key: Array,
    known: Encounter | None = None,
) -> Int[NDArray[Any], " batch"]:
    """Choose the collisions that are most worth simulating next.

    Args:
        model: an ensemble, as `surrogate.load()` returns it or `surrogate train` makes it; of a
            model with a single network, "fast", only the boundaries count.
        candidates: columns of encounters in contact, or that broadcast to columns (n,): the
            networks answer for what lies beyond contact as for a grazing collision.
        batch: how many to choose.
        key: breaks ties.
        known: what has been simulated already and need not be repeated.

    Returns:
        Indices of candidates in the order of their choice.

    Raises:
        ValueError: the model has no members, an encounter has no meaning, or there are fewer
            candidates than `batch`.
    """
    probabilities, features = ask(model, candidates)
    seen = None if known is None else ask(model, known)[1]
    return choose(score(probabilities), features, batch, key, seen)


def ask(
    model: CollisionModel, encounters: Encounter
) -> tuple[Float[Array, "members n 4"], Float[Array, "n features"]]:
    """What each member of an ensemble says of encounters, and what it reads.

    Args:
        model: "ensemble" or "fast".
        encounters: fields that broadcast to columns (n,).

    Returns:
        Probabilities of the fates by each member, before calibration; standardised features.

    Raises:
        ValueError: the model is another one, or an encounter has no meaning.
    """
    if model.kind not in FEATURES:
        raise ValueError(
            f"model = {model.kind!r} does not say how sure it is: allowed are {', '.join(FEATURES)}"
        )
    given = {k: np.asarray(v) for k, v in encounters._asdict().items() if v is not None}
    inputs.check(given)
    columns = np.broadcast_arrays(*(np.atleast_1d(v).astype(np.float32) for v in given.values()))
    return _ask(model, encounters._replace(**dict(zip(given, columns, strict=True))))


@jax.jit
def _ask(model: CollisionModel, encounters: Encounter) -> tuple[Array, Array]:
    def one(encounter: Encounter) -> tuple[Array, Array]:
        pair = arrange(encounter, model.stars)
        x, raw = ask_members(model.kind, model.networks[model.kind], pair)
        return fates(jnp.exp(raw.log_probability)), jnp.concatenate([x.even, x.odd])

    probabilities, features = jax.lax.map(one, encounters, batch_size=BLOCK)
    return jnp.moveaxis(probabilities, 1, 0), features


@partial(jax.jit, static_argnames="batch")
def _greedy(scores: Array, features: Array, known: Array, batch: int) -> Int[Array, " batch"]:
    floor = LEAST_SCORE * jnp.max(scores)
    worth = jnp.where(floor > 0, jnp.maximum(scores, floor), 1.0)

    def take(k: Array, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        free, nearest, chosen = state
        gain = worth * jnp.where(jnp.isfinite(nearest), nearest, 1.0)
        best = jnp.argmax(jnp.where(free, gain, -1.0))
        nearest = jnp.minimum(nearest, _distance(features, features[best]))
        return free.at[best].set(False), nearest, chosen.at[k].set(best)

    free = jnp.ones(len(scores), bool)
    chosen = jnp.zeros(batch, jnp.int32)
    return jax.lax.fori_loop(0, batch, take, (free, _nearest(features, known), chosen))[2]


def _distance(x: Float[Array, "n d"], y: Float[Array, " d"]) -> Float[Array, " n"]:
    return jnp.sqrt(jnp.sum((x - y) ** 2, axis=-1))


def _nearest(x: Float[Array, "n d"], known: Float[Array, "k d"]) -> Float[Array, " n"]:
    """Distance from the nearest known one; infinite where there is none."""
    if known.shape[0] == 0:
        return jnp.full(x.shape[0], jnp.inf, x.dtype)
    return jax.lax.map(lambda row: jnp.min(_distance(known, row)), x, batch_size=BLOCK)


def _check(scores: Any, features: Any, known: Any, batch: int) -> None:
    if scores.ndim != 1 or features.ndim != 2 or len(features) != len(scores):
        raise ValueError(
            f"scores {scores.shape} and features {features.shape}: allowed are (n,) and (n, d)"
        )
    if known.ndim != 2 or known.shape[1] != features.shape[1]:
        raise ValueError(f"known {known.shape}: allowed is (k, {features.shape[1]}), as features")
    if not 0 <= batch <= len(scores):
        raise ValueError(f"batch = {batch}: allowed are 0 to {len(scores)}, the candidates")
    if not (np.isfinite(scores) & (scores >= 0)).all():
        raise ValueError("scores: allowed are finite numbers >= 0; a model has failed")
    if not (np.isfinite(features).all() and np.isfinite(known).all()):
        raise ValueError("features: allowed are finite numbers; leave out what is not")
