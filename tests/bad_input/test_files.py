"""Files that are not what they say: pictures and tables of every bad kind, through the doors."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jiean.grid.models import AreaDraft
from jiean.intake import tracking
from jiean.intake.models import Photo, Report
from jiean.kernel.errors import Invalid
from jiean.kernel.sheets import read_sheet, xlsx_bytes
from jiean.people.models import StaffDraft
from tests.intake.scenes import picture, reported
from tests.town import Town


def png(width: int, height: int) -> bytes:
    """A small file that says it is a large picture."""

    def chunk(name: bytes, words: bytes) -> bytes:
        return struct.pack(">I", len(words)) + name + words + struct.pack(">I", zlib.crc32(name + words))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def zipped() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("x.txt", "x")
    return kept.getvalue()


PICTURES = {
    "0 字节": b"",
    "2500 万像素": png(20_000, 10_000),
    "JPG、PNG 或 WebP": zipped(),
    "打不开": picture()[:500],
    "10 MB": b"\xff\xd8\xff" + bytes(10 * 1024 * 1024),
}


@pytest.mark.parametrize(("words", "raw"), PICTURES.items(), ids=PICTURES)
def test_a_bad_picture_is_refused_in_plain_words_and_nothing_is_kept(town: Town, words: str, raw: bytes) -> None:
    given = {"text": "路灯坏了", "place_words": "三号楼", "key": "k"}
    files = [SimpleUploadedFile("good.jpg", picture(), "image/jpeg"), SimpleUploadedFile("bad.jpg", raw, "image/jpeg")]
    answer = town.browser().post("/report", given | {"photos": files})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert "路灯坏了" in page and "重新选一次" in page
    assert not Report.objects.exists() and not Photo.objects.exists()


@pytest.mark.parametrize(("words", "raw"), PICTURES.items(), ids=PICTURES)
def test_a_bad_picture_is_refused_afterwards_too(town: Town, words: str, raw: bytes) -> None:
    report = reported()
    browser = town.browser()
    browser.get(f"/track/{report.number}?code={tracking.code_of(report.number)}")
    bad = SimpleUploadedFile("bad.png", raw, "image/png")
    answer = browser.post(f"/track/{report.number}/add", {"text": "看照片", "photos": [bad]})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not report.supplements.exists() and not Photo.objects.exists()


def test_seven_pictures_are_one_too_many(town: Town) -> None:
    files = [SimpleUploadedFile(f"{n}.jpg", picture(size=(20, 20)), "image/jpeg") for n in range(7)]
    answer = town.browser().post("/report", {"text": "x", "place_words": "y", "key": "k", "photos": files})
    assert answer.status_code == 422 and "最多 6 张" in answer.content.decode()


def bomb() -> bytes:
    """An xlsx that would unpack to 200 MB."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<x/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return kept.getvalue()


def with_entity(declared: str) -> bytes:
    """An xlsx whose only sheet calls an entity by name."""
    whole, kept = io.BytesIO(xlsx_bytes("x", ["用户名"], [["NAMED"]])), io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(kept, "w") as packed:
        for part in source.infolist():
            words = source.read(part).decode()
            if part.filename.startswith("xl/worksheets/"):
                words = f"<!DOCTYPE x [{declared}]>" + words[words.index("<worksheet") :].replace("NAMED", "&named;")
            packed.writestr(part.filename, words)
    return kept.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
ENTITIES = {"a file": '<!ENTITY named SYSTEM "file:///etc/hostname">', "an address": '<!ENTITY named SYSTEM "http://127.0.0.1:1/">',
            "laughs": f'{LAUGHS}<!ENTITY named "&l9;">'}  # fmt: skip


@pytest.mark.parametrize("name", ENTITIES)
def test_a_spreadsheet_that_calls_entities_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        read_sheet(with_entity(ENTITIES[name]))


def test_a_packed_file_of_very_many_parts_is_refused() -> None:
    kept = io.BytesIO(xlsx_bytes("x", ["用户名"], [["a"]]))
    with zipfile.ZipFile(kept, "a") as packed:
        for number in range(1001):
            packed.writestr(f"xl/{number}.xml", "")
    with pytest.raises(Invalid) as refused:
        read_sheet(kept.getvalue())
    assert "展开" in str(refused.value.fields)


TABLES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "zip": zipped,
    "bomb": bomb,
    "control": lambda: bytes(range(32)) * 10,
    "half a zip": lambda: zipped()[:40],
    "wrong encoding": lambda: "用户名,姓名,角色\n".encode("utf-16"),
    "no columns": lambda: b"a,b,c\n1,2,3\n",
    "quotes": lambda: b'"' * 200_000,
    "one long cell": lambda: ("用户名,姓名,角色\n" + "x" * 3_000_000 + ",y,z\n").encode(),
    "too many rows": lambda: ("用户名,姓名,角色\n" + "a,b,c\n" * 5001).encode(),
    "too large": lambda: b"x" * 10_000_001,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_of_staff_is_refused_in_words(town: Town, name: str) -> None:
    browser = town.browser("shenqing")
    answer = browser.post("/staff/import", {"file": SimpleUploadedFile("x.xlsx", TABLES[name]())}, follow=True)
    page = answer.content.decode()
    if StaffDraft.objects.exists():  # readable, but every row is wrong: shown row by row, and cannot be adopted
        draft = StaffDraft.objects.get()
        assert "全部导入" not in page
        assert browser.post(f"/staff/import/{draft.pk}", {"deed": "adopt"}).status_code == 422
    else:
        assert answer.status_code == 422 and 'class="error"' in page


@pytest.mark.parametrize("name", ["empty", "zip", "bomb", "control", "wrong encoding", "quotes", "too large"])
@pytest.mark.parametrize("field", ["outlines", "names"])
def test_a_bad_map_is_refused_in_words(town: Town, field: str, name: str) -> None:
    browser = town.browser("shenqing")
    file = SimpleUploadedFile("x.geojson", TABLES[name]())
    answer = browser.post("/areas/import", {field: file, "datum": "wgs84"}, follow=True)
    page = answer.content.decode()
    if AreaDraft.objects.exists():
        draft = AreaDraft.objects.get()
        assert "全部导入" not in page and draft.plan["findings"]
        assert browser.post(f"/areas/import/{draft.pk}", {"deed": "adopt", "version": 1}).status_code == 422
    else:
        assert answer.status_code == 422 and 'class="error"' in page
