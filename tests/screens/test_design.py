"""The ground under every page: contrast of the tokens, vendored files as listed, words of time."""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import timezone, translation

ROOT = Path(__file__).resolve().parents[2]
TEXT_AA = 4.5
ON_SURFACES = (
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "late",
    "very-late",
    "done",
    "grade-1",
    "grade-2",
    "grade-3",
    "grade-4",
)
ON_OWN_SOFT = ("grade-1", "grade-2", "grade-3", "late", "very-late", "done", "accent")
PAIRS = (("alarm-ink", "alarm"), ("accent-ink", "accent"), ("ink-2", "grade-4-soft"))


def tokens(theme: str) -> dict[str, str]:
    """The colours of one theme: dark ones stand on the light ones."""
    found: dict[str, str] = {}
    for name in ("tokens.css",) if theme == "light" else ("tokens.css", "tokens-dark.css"):
        css = Path(str(finders.find(f"design/{name}"))).read_text()
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))
    return found


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_reads_on_every_surface(theme: str) -> None:
    colour = tokens(theme)
    pairs = [(ink, surface) for ink in ON_SURFACES for surface in ("page", "panel", "raised", "overlay")]
    pairs += [(ink, f"{ink}-soft") for ink in ON_OWN_SOFT] + list(PAIRS)
    weak = {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(colour[pair[0]], colour[pair[1]])) < TEXT_AA}
    assert not weak


def test_dark_tokens_cover_every_light_colour() -> None:
    plain = {"paper"}
    light = set(tokens("light")) - plain
    dark = set(re.findall(r"--([\w-]+):", Path(str(finders.find("design/tokens-dark.css"))).read_text()))
    assert light <= dark


@pytest.mark.parametrize("package", ["design", "screens"])
def test_only_the_tokens_name_colours(package: str) -> None:
    static = ROOT / "src/jiean" / package / "static" / package
    guilty = [
        f"{sheet.name}: {line.strip()}"
        for sheet in static.glob("*.css")
        if not sheet.name.startswith("tokens")
        for line in sheet.read_text().splitlines()
        if re.search(r":.*(#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl)", line)
    ]
    assert not guilty


def test_vendored_files_are_what_their_manifests_say() -> None:
    checked = subprocess.run([sys.executable, ROOT / "tools/vendor.py"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_icon_in_use_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', Path(str(finders.find("design/icons.svg"))).read_text()))
    used = {
        name
        for template in (ROOT / "src/jiean").glob("*/templates/**/*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', template.read_text())
    }
    assert used <= sprite


def test_no_script_or_style_stands_inside_a_page() -> None:
    inline = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|type=\"application/json\"))")
    guilty = [
        str(template.relative_to(ROOT))
        for template in (ROOT / "src/jiean").glob("*/templates/**/*.html")
        if inline.search(template.read_text())
    ]
    assert not guilty


def rendered(source: str, **context: object) -> str:
    return Template("{% load parts %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("seconds", "chinese", "english", "clock"),
    [
        (0, "0 秒", "0 s", "00:00"),
        (45, "45 秒", "45 s", "00:45"),
        (133, "2 分 13 秒", "2 min 13 s", "02:13"),
        (3900, "1 小时 5 分", "1 h 5 min", "1:05:00"),
        (183_600, "2 天 3 小时", "2 d 3 h", "51:00:00"),
    ],
)
def test_lengths_of_time_are_said_in_words(seconds: int, chinese: str, english: str, clock: str) -> None:
    assert rendered("{{ s|duration }}", s=seconds) == chinese
    assert rendered("{{ s|clock }}", s=timedelta(seconds=seconds)) == clock
    with translation.override("en"):
        assert rendered("{{ s|duration }}", s=seconds) == english


def test_times_are_said_by_their_distance() -> None:
    noon = timezone.localtime().replace(hour=12, minute=3)
    assert rendered("{{ at|moment }}", at=noon) == "12:03"
    assert rendered("{{ at|moment }}", at=noon - timedelta(days=1)) == "昨天 12:03"
    old = timezone.make_aware(datetime(2024, 11, 20, 12, 3))
    assert rendered("{{ at|moment }}", at=old) == "2024年11月20日 12:03"
    with translation.override("en"):
        assert rendered("{{ at|moment }}", at=old) == "20 Nov 2024 12:03"


@pytest.mark.parametrize(("waited_s", "level"), [(30, "is-ok"), (90, "is-late"), (150, "is-very-late")])
def test_a_late_clock_says_so_in_a_word(waited_s: int, level: str) -> None:
    html = rendered("{% waiting since 60 %}", since=timezone.now() - timedelta(seconds=waited_s))
    assert level in html
    assert "超时" in html


def test_the_manifest_lists_version_and_licence() -> None:
    listing = json.loads((ROOT / "src/jiean/design/static/design/vendor/manifest.json").read_text())
    assert all(package["version"] and package["licence"] for package in listing["packages"])


def test_the_end_of_a_day_is_said_as_that_days() -> None:
    """A time limit in days ends with a day: 24:00 of it, never 00:00 of the next."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    due = Template("{% load parts %}{% until at %}")
    ends_today = due.render(Context({"at": midnight + timedelta(days=1)}))
    assert ">24:00<" in ends_today and f'datetime="{(midnight + timedelta(days=1)).isoformat()}"' in ends_today
    assert ">昨天 24:00<" in due.render(Context({"at": midnight}))
    later = midnight + timedelta(days=40)
    assert "24:00" in due.render(Context({"at": later})) and "00:00<" not in due.render(Context({"at": later}))
    assert ">—<" in due.render(Context({"at": None}))
    assert "23:59" in due.render(Context({"at": midnight - timedelta(minutes=1)}))
