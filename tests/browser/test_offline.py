"""T-OFFLINE: reports written without a network: sealed on the telephone, sent once each, whatever is lost, doubled or late on the way."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jiean.intake.models import Report
from tests.browser.conftest import PHONE, OpenPage, Web
from tests.dispatch.post import Post

pytestmark = [pytest.mark.browser, pytest.mark.trust]
HISTORIES = int(os.environ.get("JIEAN_HISTORIES", "40"))
CUT = 20
WAIT_MS = 120_000
CONTROLLED = """async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((told) => navigator.serviceWorker.addEventListener("controllerchange", told, { once: true }));
  }
}"""
STORY = (Path(__file__).parent / "histories.js").read_text(encoding="utf-8")


def lived(page: Page, histories: int, plant: str = "") -> dict[str, Any]:
    """What came of so many random histories of the very store logic the page runs."""
    files = page.request.get("/sw.js").text()
    found = re.search(r'"([^"]*outbox[^"]*)"', files)
    assert found is not None
    asked = {"url": found[1], "histories": histories, "seed": 20_26, "plant": plant}
    answer: dict[str, Any] = page.evaluate(STORY, asked)
    return answer


def test_random_histories_leave_each_report_at_the_station_once(open_page: OpenPage) -> None:
    """``JIEAN_HISTORIES=500`` lives as many."""
    page = open_page("/report/offline", size=PHONE)
    whole = lived(page, HISTORIES)
    print(whole)
    assert whole["wrong"] == [] and whole["added"] > HISTORIES and whole["repeated"] > 0
    for plant, words in (("new key each time", "the station has"), ("believes every send", "the station has")):
        assert any(words in one for one in lived(page, 10, plant)["wrong"]), plant


def test_the_sealing_key_cannot_be_taken_out_and_goes_with_the_rest(open_page: OpenPage) -> None:
    page = open_page("/report/offline", size=PHONE)
    asked = """async (url) => {
      const { Outbox } = await import(url);
      const outbox = new Outbox(async () => ({ status: 409, told: { detail: "x" } }), { name: "sealed" });
      await outbox.add({ text: "金丝雀" });
      const key = await outbox.sealingKey();
      const out = await crypto.subtle.exportKey("raw", key).then(() => "exported", (error) => error.name);
      await outbox.send();
      const [item] = await outbox.items();
      const kept = [item.state, (await outbox.read(item)).text];
      await outbox.wipe();
      return [key.extractable, out, ...kept, (await outbox.items()).length, (await outbox.sealingKey()) === key];
    }"""
    found = re.search(r'"([^"]*outbox[^"]*)"', page.request.get("/sw.js").text())
    assert found is not None
    told = page.evaluate(asked, found[1])
    assert told == [False, "InvalidAccessError", "refused", "金丝雀", 0, False], "what was refused is kept for a person"


def test_twenty_reports_written_while_the_line_is_cut_arrive_once(
    open_page: OpenPage, web: Web, live_post: Post
) -> None:
    page = open_page("/report", size=PHONE)
    page.evaluate(CONTROLLED)
    before = set(Report.objects.values_list("pk", flat=True))
    web.stop()
    try:
        page.goto("/report")
        page.wait_for_selector("#offline[data-shown]")
        for number in range(CUT):
            page.fill("[name=text]", f"断网时写的第 {number} 件")
            page.fill("[name=place_words]", "三号楼")
            page.click("form button")
            expect(page.locator("#waiting")).to_have_text(str(number + 1), timeout=WAIT_MS)
        page.reload()
        expect(page.locator("#waiting")).to_have_text(str(CUT), timeout=WAIT_MS)
    finally:
        web.start()
    page.goto("/report")  # the ordinary page again: it sends what waits, and leads to it
    page.click("#outbox a")
    expect(page.locator("#queue [data-state=received]")).to_have_count(CUT, timeout=WAIT_MS)
    fresh = Report.objects.exclude(pk__in=before).order_by("pk")
    assert list(fresh.values_list("text", flat=True)) == [f"断网时写的第 {number} 件" for number in range(CUT)]
    shown = page.inner_text("#queue")
    assert all(number in shown for number in fresh.values_list("number", flat=True))
