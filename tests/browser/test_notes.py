"""A mediator's notes on a telephone: kept while written, sealed; back after a reload; sent once without a network; gone at sign-out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from jiean.disputes.models import Talk
from jiean.kernel.models import Transition
from tests.browser.conftest import DAY_FAST, PHONE, OpenPage
from tests.browser.test_disputes import at_table, opened_form
from tests.dispatch.post import Post

pytestmark = pytest.mark.browser

SAID = "双方愿意各让一步，周五再谈"
KEPT = """async () => {
  const names = (await indexedDB.databases()).map((one) => one.name).filter((name) => name.startsWith("jiean-notes-"));
  const all = (name) => new Promise((told) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => {
      const rows = asked.result.transaction("items").objectStore("items").getAll();
      rows.onsuccess = () => { asked.result.close(); told(rows.result); };
    };
  });
  const rows = (await Promise.all(names.map(all))).flat();
  return rows.map((row) => [row.state, new TextDecoder().decode(row.sealed ?? new Uint8Array())]);
}"""


def written(page: Page, words: str) -> None:
    """Words in the notes' field, and the page's word that they are kept."""
    opened_form(page, "talk")
    page.fill("#talk_note_words", words)
    expect(page.locator("[data-says=kept]")).to_be_visible()


def test_notes_outlive_a_reload_and_a_cut_line_and_are_kept_once(open_page: OpenPage, live_post: Post) -> None:
    one = at_table(live_post.town)
    page = open_page(f"/disputes/{one.row.pk}", "zhouping", PHONE)
    written(page, SAID)
    (kept,) = page.evaluate(KEPT)
    assert kept[0] == "draft" and SAID not in kept[1], "sealed in the browser"
    page.add_init_script(DAY_FAST)
    page.reload()
    expect(page.locator("[data-says=back]")).to_be_visible()
    expect(page.locator("#talk_note_words")).to_have_value(SAID)

    page.context.set_offline(True)
    page.locator("form[action$='/talk'] button.button-main").click()
    expect(page.locator("[data-says=waiting]")).to_be_visible()
    assert not Talk.objects.filter(dispute=one.row).exists()
    # the first answer is lost on the way back: the words are sent again, and kept once
    page.context.route("**/talk", lambda route: (route.fetch(), route.abort()), times=1)
    page.evaluate("window.aheadMs += 300_000")  # they wait for five minutes
    with page.expect_navigation(url=f"**/disputes/{one.row.pk}"):
        page.context.set_offline(False)
        page.wait_for_timeout(1500)
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".notice-success").first).to_be_visible()
    expect(page.locator("#talk_note_words")).to_have_value("")
    assert Talk.objects.filter(dispute=one.row).count() == 1
    assert page.evaluate(KEPT) == []
    line = Transition.objects.get(kind="disputes.dispute", subject_id=one.row.pk, code="talk_held")
    assert line.made_at and line.device_at and 290 < (line.at - line.made_at).total_seconds() < 360
    assert 86_000 < (line.device_at - line.made_at).total_seconds() < 86_800


def test_what_is_refused_stays_with_its_writer_and_sign_out_takes_the_rest(
    open_page: OpenPage, live_post: Post
) -> None:
    one = at_table(live_post.town)
    page = open_page(f"/disputes/{one.row.pk}", "zhouping", PHONE)
    written(page, SAID)
    page.fill("#talk_at", "2099-01-01T10:00")
    with page.expect_navigation():
        page.locator("form[action$='/talk'] button.button-main").click()
    expect(page.locator("#talk_at")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#talk_note_words")).to_have_value(SAID)
    assert [state for state, _words in page.evaluate(KEPT)] == ["draft"] and not Talk.objects.filter(dispute=one.row)
    page.goto("/accounts/logout/")
    with page.expect_navigation():
        page.locator("form[data-leave] button").click()
    assert page.evaluate(KEPT) == []
