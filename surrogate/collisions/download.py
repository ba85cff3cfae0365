"""Where the public files are: a folder of the user's, or a checked download in the cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from requests import Response

DATA_VARIABLE = "SURROGATE_DATA"
_SUBFOLDER = "sph_grid"
_ADDRESS = "https://raw.githubusercontent.com/elenagonzalez870/collAIder/336ff95/data/"
_TIMEOUT = (10, 30)  # seconds to connect, and between two pieces


class RemoteFile(NamedTuple):
    """A public file, pinned."""

    url: str
    """Where it lies."""
    sha256: str
    """What it contains."""


PUBLIC_FILES = {
    "data_v1.csv": RemoteFile(
        _ADDRESS + "data_v1.csv",
        "c5e2f47316c43e70cf80b370e63602aa83c1625a46f4e1ed11a4bc6d583c5d66",
    ),
    "data_splits_v1.npz": RemoteFile(
        _ADDRESS + "data_splits_v1.npz",
        "50f4cc2d1fb255d3ce2993075e129a832e89d86da52ba2eeefc1e8fc4f204d11",
    ),
}
"""The collision grid and its published split (doi:10.5281/zenodo.19615605, MIT licence)."""


def find_data(name: str, path: str | PathLike[str] | None = None) -> Path:
    """Find a public file on disk, or download it.

    Looked for in this order: `path`; the folder named by the environment variable SURROGATE_DATA;
    `../shared/data` seen from the working directory; the cache, filled by `fetch`. A folder holds
    the file directly or in its subfolder `sph_grid`.

    Args:
        name: name of the file, a key of `PUBLIC_FILES`.
        path: a file, whatever its name, or a folder.

    Returns:
        The path of an existing file.

    Raises:
        FileNotFoundError: `path` or SURROGATE_DATA was given and does not lead to the file.
        ConnectionError: the file is nowhere and cannot be downloaded.
    """
    if path is not None:
        given = Path(path).expanduser()
        return given if given.is_file() else _look_in(given, name, "path")
    return _on_disk(name) or fetch(name)


def locate(name: str) -> Path | None:
    """Where `find_data` would find a public file without downloading it; None if nowhere.

    Args:
        name: name of the file, a key of `PUBLIC_FILES`.

    Raises:
        FileNotFoundError: SURROGATE_DATA is set and does not lead to the file.
    """
    if (found := _on_disk(name)) is not None:
        return found.resolve()
    cached = cache_folder() / name
    return cached if cached.is_file() else None


def cache_folder() -> Path:
    """The user's folder for downloaded files."""
    import pooch

    return Path(pooch.os_cache("surrogate"))


def _on_disk(name: str) -> Path | None:
    if folder := os.environ.get(DATA_VARIABLE):
        return _look_in(Path(folder).expanduser(), name, DATA_VARIABLE)
    shared = Path("..", "shared", "data", _SUBFOLDER, name)
    return shared if shared.is_file() else None


def _look_in(folder: Path, name: str, field: str) -> Path:
    for candidate in (folder / name, folder / _SUBFOLDER / name):
        if candidate.is_file():
            return candidate
    what = "has no" if folder.is_dir() else "does not exist; expected a folder with"
    raise FileNotFoundError(
        f"{field} = {folder} {what} {name} (directly or in {_SUBFOLDER}/). "
        f"Put the file there, or leave {field} unset to download it."
    )


def fetch(
    name: str,
    folder: str | PathLike[str] | None = None,
    files: Mapping[str, RemoteFile] = PUBLIC_FILES,
) -> Path:
    """Return a public file from the cache, downloading it the first time.

    An interrupted download goes on where it stopped; the file appears under its name only when
    whole and checked.

    Args:
        name: a key of `files`.
        folder: the cache; the user's cache folder for `surrogate` where None.
        files: the known files.

    Returns:
        The path of the checked file.

    Raises:
        KeyError: the name is unknown.
        ValueError: the content is not the pinned one.
        ConnectionError: the download failed.
    """
    import pooch

    if name not in files:
        raise KeyError(f"{name} is not a known file, allowed: {', '.join(files)}")
    url, sha256 = files[name]
    cache = Path(folder) if folder is not None else cache_folder()
    target = cache / name
    if target.exists():
        found = pooch.file_hash(str(target))
        if found != sha256:
            raise ValueError(
                f"{target} has changed since it was downloaded: SHA-256 = {found}, "
                f"allowed: {sha256}. "
                f"Delete {target} and run this again to fetch it anew."
            )
        return target
    downloader = _Resuming(cache / f"{name}.part")
    store = pooch.create(cache, base_url="", registry={name: f"sha256:{sha256}"}, urls={name: url})
    try:
        return Path(store.fetch(name, downloader=downloader))
    except ValueError as error:  # the hash; the unfit download is gone already
        raise ValueError(
            f"{url} does not hold the expected content of {name} (SHA-256 {sha256}); nothing was "
            "kept. Check that no proxy or login page answers in its place and try again, or set "
            f"{DATA_VARIABLE} to a folder with your own copy. ({error})"
        ) from error


class _Resuming:
    """A downloader for pooch that goes on from a partial file."""

    def __init__(self, part: Path) -> None:
        self.part = part

    def __call__(self, url: str, output_file: Any, pooch: object) -> None:
        """Complete the partial file from `url`, then hand it over as `output_file`."""
        import requests

        self.part.parent.mkdir(parents=True, exist_ok=True)
        try:
            _complete(url, self.part)
        except requests.RequestException as error:
            kept = self.part.stat().st_size if self.part.exists() else 0
            raise ConnectionError(
                f"{url} could not be downloaded: {error}. Check the network and run this again "
                f"(it goes on after the {kept} bytes it has), or set {DATA_VARIABLE} to a folder "
                "that holds the file."
            ) from error
        os.replace(self.part, output_file)


def _complete(url: str, part: Path) -> None:
    import requests

    have = part.stat().st_size if part.exists() else 0
    # ranges count the bytes of the file itself, so it must not come compressed
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        if (
            have and response.status_code == 416
        ):  # nothing follows: whole already, or from another file
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return
            part.unlink()
            return _complete(url, part)
        response.raise_for_status()
        goes_on = response.status_code == 206  # else the server sends all of it again
        _write(response, part, have if goes_on else 0)


def _write(response: Response, part: Path, have: int) -> None:
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    length = response.headers.get("Content-Length")
    total = have + int(length) if length else None
    bar = (TextColumn("{task.description}"), *Progress.get_default_columns()[1:])
    progress = Progress(
        *bar,
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with progress, open(part, "ab" if have else "wb") as file:
        task = progress.add_task(part.stem, total=total, completed=have)
        for piece in response.iter_content(chunk_size=1 << 16):
            file.write(piece)
            progress.update(task, advance=len(piece))
