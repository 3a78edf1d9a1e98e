"""Signs a mediator should see before sitting down with two people: all of them, with the words, and no number."""

import dataclasses

import pytest

from jiean.engine.triage.escalation import Seen, Sign, escalation_signs


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("他喝多了就扬言要弄死我，上次已经动手打了我", {Sign.THREAT, Sign.EARLIER_FIGHT, Sign.DRINK_OR_ILLNESS}),
        ("为了宅基地的事，他拿着斧头在我家门口等", {Sign.WEAPON, Sign.TRIGGER, Sign.NAMED_TARGET}),
        ("离婚以后他不肯调解，说大不了同归于尽", {Sign.TRIGGER, Sign.FAILED_MEDIATION, Sign.DESPAIR, Sign.THREAT}),
        (
            "调解了三次没用，我们多次报警，他说就要找村长算账",
            {Sign.FAILED_MEDIATION, Sign.EARLIER_CALLS, Sign.NAMED_TARGET},
        ),
        ("包工头欠薪半年，工人走投无路", {Sign.TRIGGER, Sign.DESPAIR}),
    ],
)
def test_the_signs_are_seen(text, signs):
    assert {seen.sign for seen in escalation_signs(text)} == signs


@pytest.mark.parametrize(
    "text", ["", "楼上晾衣服滴水", "摊位摆过了线，互相说了几句", "想问居住证", "没有动手打人，也没有威胁谁"]
)
def test_small_quarrels_show_none(text):
    assert escalation_signs(text) == ()


def test_it_gives_words_and_never_a_number():
    seen = escalation_signs("他扬言报复，又喝醉了，欠钱不还")
    assert seen == (
        Seen(Sign.THREAT, ("扬言", "报复")),
        Seen(Sign.DRINK_OR_ILLNESS, ("喝醉",)),
        Seen(Sign.TRIGGER, ("欠钱",)),
    )
    assert [field.name for field in dataclasses.fields(Seen)] == ["sign", "words"]


@pytest.mark.parametrize("text", ["刀" * 100_000, "\x00", "🔪", "\ud83d"])
def test_any_text_is_read(text):
    assert isinstance(escalation_signs(text), tuple)
