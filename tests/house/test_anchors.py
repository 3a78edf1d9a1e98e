"""Signed heads: what only the database's owner could do to the chain is found from outside it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import pytest
from django.conf import settings

from jiean.config.cli import main
from jiean.kernel import anchors
from jiean.kernel.anchors import BadAnchor, KeyMissing
from jiean.kernel.chain import GENESIS, Link, link_digest, walk
from jiean.kernel.housekeeping import anchor_audit
from tests.house.test_audit import sealed, write

pytestmark = pytest.mark.trust
AT = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
FORGERIES = 10_000
LENGTH = 40


def chain(entries: Sequence[tuple[str, ...]], first: int = 1, before: str = GENESIS) -> list[Link]:
    """A sound chain over entries."""
    links = []
    for seq, entry in enumerate(entries, start=first):
        before = link_digest(before, entry)
        links.append(Link(seq, int(entry[0]), before, entry))
    return links


def entries(count: int = LENGTH) -> list[tuple[str, ...]]:
    return [
        (str(number), f"2026-11-21T12:00:{number:02d}", "dispatch.assign_unit", "DSP", str(number % 7))
        for number in range(1, count + 1)
    ]


Forgery = Callable[[list[Link], random.Random], list[Link]]


def flip(links: list[Link], chance: random.Random) -> list[Link]:
    """One bit of one column of one entry."""
    place = chance.randrange(len(links))
    link, column = links[place], chance.randrange(5)
    words = bytearray(link.entry[column].encode())
    words[chance.randrange(len(words))] ^= 1 << chance.randrange(7)
    changed = (*link.entry[:column], words.decode("latin-1"), *link.entry[column + 1 :])
    return [*links[:place], Link(link.seq, link.entry_id, link.digest, changed), *links[place + 1 :]]


def swap(links: list[Link], chance: random.Random) -> list[Link]:
    """Two entries under each other's links."""
    one, other = sorted(chance.sample(range(len(links)), 2))
    forged = list(links)
    forged[one] = Link(links[one].seq, links[other].entry_id, links[one].digest, links[other].entry)
    forged[other] = Link(links[other].seq, links[one].entry_id, links[other].digest, links[one].entry)
    return forged


def cut(links: list[Link], chance: random.Random) -> list[Link]:
    """The tail gone, as if it never was: nothing inside the database shows it."""
    return links[: chance.randrange(len(links))]


def rewrite(links: list[Link], chance: random.Random) -> list[Link]:
    """An entry changed and every link from there made anew: sound in itself."""
    place = chance.randrange(len(links))
    before = links[place - 1].digest if place else GENESIS
    told = [link.entry for link in links[place:]]
    told[0] = (*told[0][:3], "CMD", told[0][4])
    return links[:place] + chain(told, first=place + 1, before=before)


@pytest.mark.parametrize("forgery", [flip, swap, cut, rewrite])
def test_every_one_of_ten_thousand_forgeries_is_found(forgery: Forgery) -> None:
    chance, links = random.Random(20261121), chain(entries())
    anchored = {len(links): links[-1].digest}
    assert walk(links, anchored).sound
    found = sum(not walk(forgery(links, chance), anchored).sound for _ in range(FORGERIES))
    assert found == FORGERIES


@pytest.mark.parametrize("forgery", [cut, rewrite])
def test_without_an_anchor_a_cut_or_rewritten_chain_looks_sound(forgery: Forgery) -> None:
    """Why anchors are kept: the plant they catch is one the chain alone does not."""
    assert walk(forgery(chain(entries()), random.Random(1))).sound


def signed(folder: Path, heads: Sequence[tuple[int, str]]) -> Path:
    key = anchors.signing_key(folder / "audit.key")
    for number, (seq, digest) in enumerate(heads):
        at = AT + dt.timedelta(hours=8 * number)
        anchors.append(folder / "anchors", key, station="试", head=(seq, seq, digest), at=at)
    return folder / "anchors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    anchors.make_key(tmp_path / "audit.key")
    return tmp_path


def read_back(folder: Path) -> list[int]:
    key = anchors.public_key((folder / "audit.pub").read_text())
    return [anchor.seq for anchor in anchors.read([folder / "anchors"], key)]


def test_heads_are_read_back_over_days_in_order(folder: Path) -> None:
    place = signed(folder, [(1, "a" * 64), (5, "b" * 64), (9, "c" * 64)])
    assert len(list(place.glob("*.jsonl"))) == 2
    assert read_back(folder) == [1, 5, 9]


def test_a_changed_digest_a_line_taken_out_and_a_strangers_signature_are_named(folder: Path) -> None:
    place = signed(folder, [(1, "a" * 64), (5, "b" * 64)])
    file = next(place.glob("*-21.jsonl"))
    lines = file.read_bytes().splitlines()
    for forged, words in (
        ([lines[0].replace(b"aaaa", b"aaab"), lines[1]], "line 1: the signature does not fit"),
        ([b"{}", lines[1]], "line 1: not an anchor"),
        ([lines[0], lines[0]], "line 2: the line before it was changed or taken out"),
    ):
        file.write_bytes(b"\n".join(forged) + b"\n")
        with pytest.raises(BadAnchor, match=words):
            read_back(folder)
    anchors.make_key(folder / "other.key")
    file.write_bytes(b"\n".join(lines) + b"\n")
    stranger = anchors.public_key((folder / "other.pub").read_text())
    with pytest.raises(BadAnchor, match="signature"):
        list(anchors.read([place], stranger))


def test_a_key_others_can_read_signs_nothing_and_none_is_replaced(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        anchors.make_key(folder / "audit.key")
    (folder / "audit.key").chmod(0o644)
    with pytest.raises(KeyMissing, match="read by others"):
        anchors.signing_key(folder / "audit.key")
    with pytest.raises(KeyMissing):
        anchors.signing_key(folder / "nowhere.key")


def test_one_link_signed_twice_differently_does_not_hold(folder: Path) -> None:
    signed(folder, [(3, "a" * 64), (3, "b" * 64)])
    key = anchors.public_key((folder / "audit.pub").read_text())
    with pytest.raises(BadAnchor, match="twice"):
        anchors.by_link(anchors.read([folder / "anchors"], key))


@pytest.mark.django_db(transaction=True)
def test_the_station_signs_its_head_and_the_auditor_finds_a_rewritten_chain(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "AUDIT_KEY_FILE", folder / "audit.key")
    monkeypatch.setattr(settings, "ANCHOR_DIR", folder / "anchors")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///unused-by-the-test")
    sealed(len(write()))
    anchor_audit(0)
    sheet = next((folder / "anchors").glob("head-*.txt")).read_text(encoding="utf-8")
    assert "审计链头" in sheet
    check = ["audit", "verify", "--anchor", str(folder / "anchors"), "--data-dir", str(folder)]
    assert main(check) == 0
    assert "1 signed heads agree" in capsys.readouterr().out
    file = next((folder / "anchors").glob("*.jsonl"))
    told = orjson.loads(file.read_bytes())
    anchors.append(
        folder / "later",
        anchors.signing_key(folder / "audit.key"),
        station="试",
        head=(told["seq"] + 1, 99, "d" * 64),
        at=AT,
    )
    assert main([*check[:3], str(folder / "later"), *check[4:]]) == 1
    assert f"link {told['seq'] + 1} was anchored" in capsys.readouterr().out
