"""Pictures are drawn anew; what is no picture is refused in plain words before it is unpacked."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from PIL import Image

from jiean.intake import album
from jiean.kernel.errors import Invalid
from jiean.kernel.pictures import BYTES_LIMIT, redraw
from tests.intake.scenes import picture


def words_for(raw: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        redraw(raw)
    return str(refusal.value.fields["photos"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_become_jpeg(kind: str) -> None:
    made = redraw(picture(kind))
    assert (made.width, made.height) == (800, 600)
    assert Image.open(io.BytesIO(made.jpeg)).format == "JPEG"


def test_metadata_is_gone_and_the_turn_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned right
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)  # latitude
    raw = picture(exif=exif.tobytes(), comment=b"SecretComment")
    assert b"SecretPhone" in raw and b"SecretComment" in raw
    made = redraw(raw)
    assert (made.width, made.height) == (600, 800)
    drawn = Image.open(io.BytesIO(made.jpeg))
    assert not drawn.getexif() and b"Secret" not in made.jpeg and "comment" not in drawn.info


def test_bytes_after_the_picture_are_gone() -> None:
    assert b"PK\x03\x04" not in redraw(picture() + b"PK\x03\x04 hidden").jpeg


def test_see_through_becomes_white() -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(kept, "PNG")
    assert Image.open(io.BytesIO(redraw(kept.getvalue()).jpeg)).getpixel((5, 5)) == (255, 255, 255)


def test_large_pictures_are_made_smaller() -> None:
    made = redraw(picture(size=(4000, 3000)))
    assert max(made.width, made.height) == 2048


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_000), (5_001, 5_000), (2**31 - 1, 1)])
def test_too_many_pixels_are_refused_before_they_are_unpacked(width: int, height: int) -> None:
    tracemalloc.start()
    assert "2500 万像素" in words_for(png_header(width, height))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_what_is_no_picture_is_refused() -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as packed:
        packed.writestr("a.txt", "x")
    gif = io.BytesIO()
    Image.new("P", (5, 5)).save(gif, "GIF")
    assert "0 字节" in words_for(b"")
    for raw in (zipped.getvalue(), gif.getvalue(), b"<svg onload=alert(1)>", b"%PDF-1.4"):
        assert "JPG、PNG 或 WebP" in words_for(raw)
    for raw in (b"\xff\xd8\xff" + b"junk" * 50, picture()[:200], b"RIFF1234WAVEfmt ", b"\x89PNG\r\n\x1a\n"):
        assert "打不开" in words_for(raw)
    assert "10 MB" in words_for(b"\xff\xd8\xff" + bytes(BYTES_LIMIT))


def test_files_without_a_row_are_found_after_a_day(
    settings: object, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    kept, lost = album.store(b"1"), album.store(b"2")
    assert album.orphans({kept}) == []
    monkeypatch.setattr(album, "ORPHAN_AGE_S", -5)
    assert album.orphans({kept}) == [album.path_of(lost)]
