"""Downloads: whole and checked, or not at all. A server on this computer stands in for the net."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from surrogate.collisions.download import PUBLIC_FILES, RemoteFile, fetch

pytest.importorskip("pooch")

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `CONTENT`, misbehaving as told."""

    content = CONTENT
    stop_after: int | None = None
    ranges = True

    def __init__(self) -> None:
        """Choose a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []

    def files(self) -> dict[str, RemoteFile]:
        """Return a registry that points here."""
        return {"file.bin": RemoteFile(f"http://127.0.0.1:{self.server_port}/file.bin", SHA256)}


class Handler(BaseHTTPRequestHandler):
    """Answers GET, with Range."""

    server: Server

    def do_GET(self) -> None:
        """Send the content, from where it is asked."""
        content, asked = self.server.content, self.headers["Range"]
        self.server.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if not self.server.ranges:
            asked, start = None, 0
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if asked else 200)
        if asked:
            whole = len(content)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.stop_after])

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server():
    """Run a server for one test."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def names(folder):
    """Return what lies in a folder."""
    return sorted(file.name for file in folder.iterdir())


def test_a_file_is_fetched_once(server, tmp_path):
    for _ in range(2):
        path = fetch("file.bin", tmp_path / "cache", server.files())
        assert path.read_bytes() == CONTENT
    assert server.asked == [None]
    assert names(tmp_path / "cache") == ["file.bin"]


def test_an_interrupted_download_goes_on(server, tmp_path):
    server.stop_after = 100_000
    with pytest.raises(ConnectionError, match=r"127.0.0.1.*run this again.*SURROGATE_DATA"):
        fetch("file.bin", tmp_path, server.files())
    assert names(tmp_path) == ["file.bin.part"]
    have = (tmp_path / "file.bin.part").stat().st_size
    assert 0 < have <= 100_000

    server.stop_after = None
    assert fetch("file.bin", tmp_path, server.files()).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={have}-"]
    assert names(tmp_path) == ["file.bin"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:5000])
    server.ranges = False
    assert fetch("file.bin", tmp_path, server.files()).read_bytes() == CONTENT


def test_a_whole_partial_file_is_taken(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch("file.bin", tmp_path, server.files()).read_bytes() == CONTENT


def test_a_partial_file_that_is_too_long_is_dropped(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT + b"x")
    assert fetch("file.bin", tmp_path, server.files()).read_bytes() == CONTENT


def test_other_content_is_refused(server, tmp_path):
    server.content = b"please log in"
    with pytest.raises(ValueError, match=f"127.0.0.1.*{SHA256}.*nothing was kept"):
        fetch("file.bin", tmp_path, server.files())
    assert names(tmp_path) == []
    server.content = CONTENT
    assert fetch("file.bin", tmp_path, server.files()).read_bytes() == CONTENT


def test_a_changed_file_is_refused(server, tmp_path):
    path = fetch("file.bin", tmp_path, server.files())
    path.write_bytes(b"edited")
    with pytest.raises(ValueError, match=r"changed.*Delete .*file\.bin"):
        fetch("file.bin", tmp_path, server.files())
    assert path.read_bytes() == b"edited"


def test_no_network(server, tmp_path):
    files = server.files()
    server.shutdown()
    server.server_close()
    with pytest.raises(ConnectionError, match=r"127.0.0.1.*SURROGATE_DATA"):
        fetch("file.bin", tmp_path, files)


def test_unknown_name():
    with pytest.raises(KeyError, match=r"data_v2\.csv.*allowed: data_v1\.csv"):
        fetch("data_v2.csv")


def test_public_files_are_pinned():
    for file in PUBLIC_FILES.values():
        assert file.url.startswith("https://")
        assert "/336ff95/" in file.url
        assert len(file.sha256) == 64
