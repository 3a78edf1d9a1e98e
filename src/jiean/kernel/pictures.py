"""Pictures from outside: looked at, limited, and drawn anew, so that neither metadata nor anything hidden survives (TRUST, 9.4)."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from jiean.kernel.errors import Invalid

BYTES_LIMIT = 10 * 1024 * 1024
PIXEL_LIMIT = 25_000_000
COUNT_LIMIT = 6
SIDE_LIMIT = 2048
QUALITY = 82
_FORMATS = ("JPEG", "PNG", "WEBP")
_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made by us: JPEG bytes and size in pixels."""

    jpeg: bytes
    width: int
    height: int


def redraw(raw: bytes, *, field: str = "photos", side: int = SIDE_LIMIT) -> Picture:
    """The picture drawn anew as JPEG, at most ``side`` pixels a side. Raises Invalid on ``field``, in plain words."""
    if not raw:
        raise Invalid(**{field: _("有一张照片是空的（0 字节），请重新选择。")})
    if len(raw) > BYTES_LIMIT:
        raise Invalid(**{field: _("每张照片最大 10 MB。")})
    if not raw.startswith(_MARKS):
        raise Invalid(**{field: _("只能上传 JPG、PNG 或 WebP 照片。")})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(raw, field, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid(**{field: _TOO_MANY_PIXELS}) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, EOFError):
        raise Invalid(**{field: _("有一张照片打不开，可能已经损坏，请换一张。")}) from None


def redraw_all(files: Sequence[IO[Any]], *, field: str = "photos") -> list[Picture]:
    """Several pictures from outside, drawn anew, for every door alike. Raises Invalid on ``field``: too many, or one is not good."""
    if len(files) > COUNT_LIMIT:
        raise Invalid(**{field: _("最多 %(limit)d 张照片。") % {"limit": COUNT_LIMIT}})
    return [redraw(one.read(BYTES_LIMIT + 1), field=field) for one in files]


_TOO_MANY_PIXELS = _("照片尺寸太大，最多 2500 万像素。")


def _redrawn(raw: bytes, field: str, side: int) -> Picture:
    with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
        if image.width * image.height > PIXEL_LIMIT:  # the header alone was read so far: nothing is unpacked yet
            raise Invalid(**{field: _TOO_MANY_PIXELS})
        image.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        canvas = Image.new("RGB", upright.size, "white")
        painted = upright.convert("RGBA")
        canvas.paste(painted, mask=painted.getchannel("A"))
    kept = io.BytesIO()
    canvas.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return Picture(kept.getvalue(), canvas.width, canvas.height)
