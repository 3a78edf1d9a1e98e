"""The words for what the triage says: why it proposes what it proposes, where it would send a matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.engine.triage.escalation import Sign, escalation_signs
from jiean.intake.models import Kind

FLAGS: dict[str, Promise | str] = {
    "weapon": _("有人持械"),
    "blood": _("有人受伤流血"),
    "fire": _("着火"),
    "gas": _("燃气泄漏"),
    "missing_person": _("老人小孩走失"),
    "suicide": _("有人轻生"),
    "followed": _("被人尾随"),
    "home_violence": _("家庭暴力"),
    "fraud_under_way": _("正在被骗转账"),
    "help": _("呼救"),
    "assault": _("有人受侵害"),
}

SIGNS: dict[str, Promise | str] = {
    "threat": _("扬言威胁"),
    "weapon": _("提到凶器"),
    "earlier_fight": _("以前动过手"),
    "earlier_calls": _("以前报过警"),
    "named_target": _("说要去找某人"),
    "despair": _("说到走投无路"),
    "drink_or_illness": _("说到喝酒、毒赌或精神疾病"),
    "failed_mediation": _("调解没有成"),
    "trigger": _("起因"),
}
"""Signs that a dispute may turn violent, as the holder reads them."""

OUTSIDE: dict[str, Promise | str] = {
    "court": _("法院"),
    "community": _("社区（村）"),
    "enforcement": _("综合行政执法"),
}
"""Destinations of the rules that are no body of the station."""

REASONS: dict[str, Promise | str] = {
    "red_flag": _("红色警示：%(about)s(%(words)s)"),
    "kind_words": _("像是%(about)s：%(words)s"),
    "kind_of_flag": _("按警示归为%(about)s"),
    "urgency_raised": _("提高一级：%(words)s"),
    "only_a_question": _("只是询问，放低一级"),
    "destination_words": _("可转%(about)s：%(words)s"),
    "negated": _("提到%(about)s，但说的是没有（%(words)s）"),
    "long_ago": _("提到%(about)s，但是过去的事（%(words)s）"),
    "not_real": _("提到%(about)s，但是演练、影视或宣传（%(words)s）"),
    "over": _("提到%(about)s，但已经结束（%(words)s）"),
    "if_ever": _("提到%(about)s，但说的是万一（%(words)s）"),
    "enquiry": _("提到%(about)s，但只是在打听（%(words)s）"),
    "figure": _("提到%(about)s，但只是一种说法（%(words)s）"),
    "pollution": _("提到%(about)s，但像是排放的烟气（%(words)s）"),
    "claim": _("提到%(about)s，但说的是理赔或证明（%(words)s）"),
    "learnt_words": _("学到的说法像是%(about)s：%(words)s"),
    "not_sure": _("像是%(about)s，但把握不大；其次是%(words)s"),
    "unread": _("几乎没有认识的词，请人工判断"),
    "undecided": _("话里看不出是哪一类，请人工判断"),
}


def body_names(destinations: Mapping[str, str]) -> dict[str, str]:
    """The name of every destination by its code; the station's own names come first."""
    return {"police": str(_("派出所")), **{code: str(word) for code, word in OUTSIDE.items()}, **destinations}


def likeliest_words(advice: Mapping[str, Any], destinations: Mapping[str, str]) -> list[tuple[str, float]]:
    """The model's first two with their confidence in per cent."""
    names = body_names(destinations)
    return [(names.get(code, code), 100 * float(share)) for code, share in advice.get("likeliest", ())]


def reason_words(reason: Mapping[str, Any], destinations: Mapping[str, str]) -> str:
    """One reason as a sentence. ``destinations`` gives the names of bodies by code."""
    about = str(reason.get("about", ""))
    names = body_names(destinations)
    named = FLAGS.get(about) or names.get(about) or (Kind(about).label if about in Kind.values else about)
    words = [str(word) for word in reason.get("words", ())]
    sentence = REASONS.get(str(reason.get("code")), "%(about)s %(words)s")
    return str(sentence) % {"about": named, "words": listed(names.get(word, word) for word in words)}


def advice_words(advice: Mapping[str, Any], destinations: Mapping[str, str]) -> list[str]:
    """Every reason of a piece of advice, as the desk reads it."""
    return [reason_words(reason, destinations) for reason in advice.get("reasons", ())]


def flag_words(advice: Mapping[str, Any]) -> list[str]:
    """The red flags that were raised."""
    return [str(FLAGS.get(flag, flag)) for flag in advice.get("red_flags", ())]


def fired_words(advice: Mapping[str, Any]) -> list[str]:
    """The words of the report that led to the advice; codes of bodies that stand among them are not words."""
    reasons = advice.get("reasons", ())
    return [str(word) for reason in reasons if reason.get("code") != "not_sure" for word in reason.get("words", ())]


def marked(text: str, words: Iterable[str]) -> SafeString:
    """A text with these words marked wherever they stand; words read otherwise than they were written stay unmarked."""
    wanted = sorted({word for word in words if len(word) > 1}, key=len, reverse=True)
    if not wanted:
        return format_html("{}", text)
    parts = re.split(f"({'|'.join(map(re.escape, wanted))})", text, flags=re.IGNORECASE)
    return format_html_join("", "{}{}", ((_mark(part) if place % 2 else part, "") for place, part in enumerate(parts)))


def _mark(words: str) -> SafeString:
    return format_html("<mark>{}</mark>", words)


QUARRELS = (Kind.DISPUTE, Kind.VIOLENCE, Kind.NOISE, Kind.HOUSING)
"""Kinds of matters between people, in which signs of violence are looked for; nothing of it is kept."""


def look_at(text: str) -> list[tuple[str, str]]:
    """What a holder of a dispute should look at, each with its words: nothing where only a cause of quarrels is named."""
    seen = escalation_signs(text)
    if all(one.sign is Sign.TRIGGER for one in seen):
        return []
    return [(str(SIGNS[one.sign]), listed(one.words)) for one in seen]


def look_at_quarrel(kind: str, text: str) -> list[tuple[str, str]]:
    """What to look at in a matter of this kind, a report or an incident; nothing where it is no quarrel."""
    return look_at(text) if kind in QUARRELS else []
