"""The Lasair broker: ask for an object or run a query, and never ask twice."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from surrogate.inference.optional import needs
from surrogate.learning.files import write_json
from surrogate.transients.query import Query

if TYPE_CHECKING:
    from os import PathLike

ZTF_ENDPOINT: Final = "https://lasair-ztf.lsst.ac.uk/api"
LSST_ENDPOINT: Final = "https://api.lasair.lsst.ac.uk/api"
TOKEN: Final = "LASAIR_TOKEN"
"""Environment variable with the token."""
NAME: Final = re.compile(r"[A-Za-z0-9_+-]+")
"""Names of objects, which become names of files."""


class Client(Protocol):
    """What is used of `lasair.lasair_client`, version 0.1."""

    def object(self, objectId: str, lite: bool, lasair_added: bool) -> Any:
        """All that is known of an object."""

    def query(self, selected: str, tables: str, conditions: str, limit: int, offset: int) -> Any:
        """Rows of a query."""


def fetch(
    name: str,
    *,
    token: str | None = None,
    cache: str | PathLike[str],
    client: Client | None = None,
) -> dict[str, Any]:
    """Return what Lasair knows of an object, from the cache or the broker.

    Args:
        name: in ZTF, such as ZTF20abjwvae, or a number of LSST.
        token: of a Lasair account; without it that of the environment variable LASAIR_TOKEN. None
            is needed for what the cache has.
        cache: folder of earlier replies, one `<name>.json` each, which `readers.read` takes; delete
            one to ask again.
        client: what to ask; without it, a client of the `lasair` package.

    Returns:
        The reply: candidates, Sherlock's host and more.

    Raises:
        ValueError: the name is no name, there is no token, the broker knows no such object, or the
            cached reply is damaged.
        ImportError: the `lasair` package is needed and missing.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"name = {name!r}, allowed: letters, digits, _, + and -")
    file = Path(cache) / f"{name}.json"
    if not file.exists():
        asked = client or _connect(token, LSST_ENDPOINT if name.isdigit() else ZTF_ENDPOINT)
        about = f"name = {name}"
        reply = _ask(lambda: asked.object(name, lite=True, lasair_added=True), about)
        reply = reply[0] if isinstance(reply, list) and reply else reply
        _check(reply, lambda r: isinstance(r, Mapping) and bool(r), about)
        write_json(file, reply)
    return _load(file)


def query(
    question: Query,
    *,
    limit: int = 1000,
    offset: int = 0,
    token: str | None = None,
    cache: str | PathLike[str],
    client: Client | None = None,
) -> list[dict[str, Any]]:
    """Run a query of Lasair's ZTF tables, or return the rows of the same query from the cache.

    Args:
        question: such as `query.table1()`.
        limit: most rows to return; the broker gives 10,000 to an ordinary account. Where as many
            come back, ask for more with `offset`.
        offset: how many rows to leave out first.
        token: as in `fetch`.
        cache: folder of earlier replies, one `query-<hash>.json` each, with the query in it; delete
            one to ask again.
        client: as in `fetch`.

    Returns:
        Rows, by names of columns.

    Raises:
        ValueError: there is no token, the broker refuses the query, or the cached reply is damaged.
        ImportError: the `lasair` package is needed and missing.
    """
    asked_for = question._asdict() | {"limit": limit, "offset": offset}
    digest = hashlib.sha256(json.dumps(asked_for, sort_keys=True).encode()).hexdigest()
    file = Path(cache) / f"query-{digest[:16]}.json"
    if not file.exists():
        asked = client or _connect(token, ZTF_ENDPOINT)
        about = f"conditions = {question.conditions}"
        rows = _ask(lambda: asked.query(*question, limit=limit, offset=offset), about)
        _check(rows, lambda r: isinstance(r, list), about)
        write_json(file, asked_for | {"rows": rows})
    return _load(file)["rows"]


def _connect(token: str | None, endpoint: str) -> Client:
    token = token or os.environ.get(TOKEN)
    if not token:
        raise ValueError(
            f"token = None, allowed: the token of a Lasair account, which its page My Profile "
            f"shows; pass it or set {TOKEN}. What is in the cache needs none"
        )
    client: Client = needs("lasair", "lasair").lasair_client(token, endpoint=endpoint)
    return client


def _ask(question: Callable[[], Any], about: str) -> Any:
    """Ask; what the package raises where the broker refuses is told in our words."""
    try:
        return question()
    except Exception as error:
        if type(error).__name__ != "LasairError":  # the package need not be installed
            raise
        raise ValueError(
            f"{about}: Lasair refuses: {error}; check token, name and query, and ask again"
        ) from error


def _check(reply: Any, is_good: Callable[[Any], bool], asked: str) -> None:
    problem = reply.get("error") if isinstance(reply, Mapping) else None
    if problem or not is_good(reply):
        raise ValueError(
            f"{asked}: Lasair answers {problem or reply}; check what was asked for, and ask again"
        )


def _load(file: Path) -> dict[str, Any]:
    try:
        reply: dict[str, Any] = json.loads(file.read_text())
    except ValueError as error:
        raise ValueError(f"{file}: damaged ({error}); delete it to ask again") from error
    return reply
