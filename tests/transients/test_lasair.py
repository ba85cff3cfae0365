"""The broker is asked once; what it said then is read."""

import json
import sys
from types import SimpleNamespace

import pytest

from surrogate.transients import lasair
from surrogate.transients.query import table1
from surrogate.transients.readers import read

CANDIDATES = [
    {"jd": 2459000.5 + day, "fid": 1 + day % 2, "magpsf": 19.0, "sigmapsf": 0.1, "isdiffpos": "t"}
    for day in range(4)
]
REPLY = {"objectId": "ZTF1", "candidates": CANDIDATES, "sherlock": {"z": 0.1, "Mag": float("nan")}}
ROWS = [{"objectId": "ZTF1", "ncand": 30}, {"objectId": "ZTF2", "ncand": 22}]


class FakeClient:
    """Answers from memory, as `lasair.lasair_client` 0.1 would, and counts."""

    def __init__(self, reply=REPLY, rows=ROWS):
        self.reply, self.rows, self.asked = reply, rows, []

    def object(self, objectId, lite=True, lasair_added=True):
        self.asked.append(objectId)
        return self.reply

    def query(self, selected, tables, conditions, limit=1000, offset=0):
        self.asked.append((selected, tables, conditions, limit, offset))
        return self.rows


@pytest.fixture
def no_token(monkeypatch):
    monkeypatch.delenv("LASAIR_TOKEN", raising=False)


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_object_is_asked_for_once(tmp_path, no_token, wrapped):
    client = FakeClient([REPLY] if wrapped else REPLY)
    first = lasair.fetch("ZTF1", cache=tmp_path / "new", client=client)
    assert first == lasair.fetch("ZTF1", cache=str(tmp_path / "new"), client=client)
    assert first == lasair.fetch("ZTF1", cache=tmp_path / "new")  # offline
    assert client.asked == ["ZTF1"]
    assert first["candidates"] == CANDIDATES
    assert first["sherlock"]["Mag"] is None
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["ZTF1.json"]
    (curve,), problems = read(tmp_path / "new" / "ZTF1.json")
    assert not problems
    assert (curve.name, len(curve), curve.redshift) == ("ZTF1", 4, 0.1)


def test_a_query_is_run_once(tmp_path, no_token):
    client = FakeClient()
    for _ in range(2):
        assert lasair.query(table1(), cache=tmp_path, client=client) == ROWS
    assert lasair.query(table1(), cache=tmp_path) == ROWS
    assert client.asked == [(*table1(), 1000, 0)]
    lasair.query(table1("and"), cache=tmp_path, client=client)
    lasair.query(table1(), limit=10, offset=5, cache=tmp_path, client=client)
    assert client.asked[1:] == [(*table1("and"), 1000, 0), (*table1(), 10, 5)]


@pytest.mark.parametrize("reply", [{"error": "Object does not exist"}, {}, [], None])
def test_a_refusal_is_not_kept(tmp_path, reply):
    client = FakeClient(reply=reply, rows=reply or {"error": "no such table"})
    with pytest.raises(ValueError, match="name = ZTF9: Lasair answers"):
        lasair.fetch("ZTF9", cache=tmp_path, client=client)
    with pytest.raises(ValueError, match=r"conditions = .*: Lasair answers (no such|Object)"):
        lasair.query(table1(), cache=tmp_path, client=client)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "../ZTF1", "a b", "ZTF1.json"])
def test_names_stay_in_the_cache(tmp_path, name):
    with pytest.raises(ValueError, match=r"name = .*, allowed: letters"):
        lasair.fetch(name, cache=tmp_path, client=FakeClient())


def test_a_damaged_reply_is_named(tmp_path):
    (tmp_path / "ZTF1.json").write_text('{"objectId": ')
    with pytest.raises(ValueError, match=r"ZTF1.json: damaged .*delete it to ask again"):
        lasair.fetch("ZTF1", cache=tmp_path)


def test_a_token_is_needed(tmp_path, no_token):
    with pytest.raises(ValueError, match=r"token = None, allowed: .*set LASAIR_TOKEN"):
        lasair.fetch("ZTF1", cache=tmp_path)


def test_the_package_is_needed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lasair", None)
    with pytest.raises(ImportError, match=r"pip install 'stellar-surrogate\[lasair\]'"):
        lasair.fetch("ZTF1", token="secret", cache=tmp_path)


@pytest.mark.parametrize(
    ("name", "endpoint"), [("ZTF1", lasair.ZTF_ENDPOINT), ("3134", lasair.LSST_ENDPOINT)]
)
def test_the_survey_decides_whom_to_ask(tmp_path, monkeypatch, name, endpoint):
    made = []

    def make(token, endpoint):
        made.append((token, endpoint))
        return FakeClient()

    monkeypatch.setitem(sys.modules, "lasair", SimpleNamespace(lasair_client=make))
    monkeypatch.setenv("LASAIR_TOKEN", "of the environment")
    lasair.fetch(name, cache=tmp_path)
    lasair.query(table1(), token="given", cache=tmp_path)
    assert made == [("of the environment", endpoint), ("given", lasair.ZTF_ENDPOINT)]


@pytest.fixture
def real(tmp_path):
    """The package's own client, which replays the replies that it has kept; nothing is sent."""
    package = pytest.importorskip("lasair")
    folder = tmp_path / "kept by the client"
    folder.mkdir()
    client = package.lasair_client("no token", cache=str(folder))

    def keep(method, asked, reply):
        (folder / f"{client.hash_it(f'{method}/{asked}')}.json").write_text(json.dumps(reply))

    return client, keep


def test_the_packages_client_replays_an_object(tmp_path, real):
    client, keep = real
    keep("object", {"objectId": "ZTF1", "lite": True, "lasair_added": True}, REPLY)
    assert lasair.fetch("ZTF1", cache=tmp_path, client=client)["candidates"] == CANDIDATES
    (curve,), problems = read(tmp_path / "ZTF1.json")
    assert not problems
    assert len(curve) == len(CANDIDATES)


def test_the_packages_client_replays_a_query(tmp_path, real):
    client, keep = real
    asked = table1()
    names = ("selected", "tables", "conditions")
    keep("query", dict(zip(names, asked, strict=True)) | {"limit": 1000, "offset": 0}, ROWS)
    assert lasair.query(asked, cache=tmp_path, client=client) == ROWS


def test_what_the_packages_client_raises_is_told(tmp_path, real, monkeypatch):
    client, _ = real
    package = pytest.importorskip("lasair.lasair")

    def refuse(*_):
        raise package.LasairError("Unauthorized")

    monkeypatch.setattr(client, "fetch_from_server", refuse)
    with pytest.raises(ValueError, match="name = ZTF1: Lasair refuses: Unauthorized; check token"):
        lasair.fetch("ZTF1", cache=tmp_path, client=client)
