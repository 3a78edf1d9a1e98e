"""T-FUZZ: hostile requests over every address and role; `bench/fuzz.py` sends thousands, this its first few hundred."""

from __future__ import annotations

from typing import Any

import pytest
from bench.fuzz import MARK, Fuzz, Grammar, Hostile, templates, town_with_matters

pytestmark = pytest.mark.trust
REQUESTS = 150


@pytest.fixture
def fuzz(transactional_db: None) -> Fuzz:
    return Fuzz(town_with_matters(), seed=20261122)


def test_nothing_breaks_nothing_is_half_written_nothing_comes_back_as_script(fuzz: Fuzz) -> None:
    seen = fuzz.run(REQUESTS)
    assert (seen.errors, seen.half, seen.executed, seen.unaudited, seen.found) == (0, 0, 0, 0, [])
    assert seen.requests == REQUESTS and len(seen.by_status) >= 5, "a grammar that only finds 404 tries nothing"


def test_the_judge_sees_what_it_must(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plants: an answer that broke, a refusal that wrote, a page that gave the script back, a report nobody audited."""
    hostile = Hostile("GET", "/", "", None, None, {}, "")
    for answer, after in (((500, ""), {}), ((422, ""), {"intake_report": 9}), ((200, f"<p>{MARK}1)"), {})):
        fuzz.judge(hostile, *answer, {}, after)
    assert (fuzz.seen.errors, fuzz.seen.half, fuzz.seen.executed) == (1, 1, 1)
    from jiean.intake.models import Report  # noqa: PLC0415

    one = Report.objects.order_by("pk")[0]
    Report.objects.create(number="B00-1", text="x", channel="web", received_at=one.received_at)
    assert fuzz._unaudited() == 1


def test_a_view_that_breaks_is_found(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: the public form stumbles over a word it did not expect."""
    from jiean.intake.pages import report as page  # noqa: PLC0415

    def stumbles(_request: Any, _token: str) -> None:
        raise ValueError("planted")

    monkeypatch.setattr(page, "_form", stumbles)
    status, _said = fuzz.send(Hostile("GET", "/report", "q=%00", None, None, {}, ""))
    assert status == 500


def test_the_grammar_reaches_every_address_and_is_the_same_for_a_seed(db: None) -> None:
    drawn = [Grammar(7, [""]).draw() for _time in range(3)]
    assert drawn[0] == drawn[1] == drawn[2]
    grammar = Grammar(7, ["", "chenxiao"])
    many = [grammar.draw() for _time in range(4000)]
    shapes = {tuple(one.path.split("/")[:3]) for one in many}
    wanted = {tuple(template.split("/")[:3]) for template in templates() if "<" not in template and "{" not in template}
    assert wanted <= shapes
    assert {one.method for one in many} >= {"GET", "POST", "PUT", "DELETE", "TRACE"} and {one.who for one in many} == {
        "",
        "chenxiao",
    }


def test_a_form_without_its_version_is_refused_in_words(fuzz: Fuzz) -> None:
    """What ten thousand requests found: the page was drawn again with a form that has none of the fields it shows."""
    for deed in ("close", "release", "hold", "undo-merge"):
        status, _said = fuzz.send(Hostile("POST", f"/desk/1/{deed}", "", {"q": ""}, None, {}, "hanli"))
        assert status < 500, deed
