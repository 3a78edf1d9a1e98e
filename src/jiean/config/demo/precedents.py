"""What the demo's mediators made of their quarrels: precedents, help asked of other bodies, a flag and steps that protect."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import cache

from django.db import transaction

from jiean.config.demo.disputes import TOO_YOUNG, Life, Quarrel, people_of_the_table
from jiean.config.demo.town import DATA
from jiean.disputes import commands
from jiean.disputes.models import Dispute, Flag, JoinedBody, Precedent
from jiean.disputes.queries import precedent_proposal
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Refusal
from jiean.people.models import Account, Organisation
from jiean.people.queries import actor_of

WORKED = {
    "neighbours": "先到两家各看一遍，量了尺寸、听了声音，再坐到一起。把“谁对谁错”换成“怎么做到”，一条一条写下来，当场试一次。",
    "family": "先分开谈，让每个人把委屈说完；请一位两边都敬重的长辈来坐着，不说话也有用。钱和照顾分成两件事谈，先谈照顾。",
    "labour": "请劳动监察把工资单和考勤核成一张表，数对上了再谈；单位一方请能拍板的人来，当场定付款日。",
    "rental": "先把合同和当时的照片找出来，找不到就各担一半；押金和房租分开算，钥匙和钱同时交。",
    "consumer": "到店里看实物，请市场监管说清楚规定，商家愿意就在规定以上加一点，换一句道歉和撤下视频。",
    "contract": "把合同逐条念一遍，只谈有分歧的两条；请懂行的人到现场看一眼，责任按比例分。",
    "debt": "先补凭据再谈还法；按对方每月拿得出的数分期，第一期当场付，后面就好办了。",
    "property": "请业委会和物业一起看现场和报修记录，先恢复，再说钱；以后怎么报修贴在楼道里。",
    "traffic": "先看监控，各自说看到了什么；医药费凭单据，误工费按天，说好一次了结。",
    "school": "先见孩子和家长，再见学校；不在群里说，约好谁对外讲。孩子之间的事让孩子自己说一句。",
    "injury": "等情绪下来再谈，先看伤、结医药费；把引起争抢的事一起定下来，免得再来一次。",
    "land": "请村里的老人和老账本一起到地头指界，当场打桩拍照，再谈补多少。",
}
JOINED = (
    ("justice", "说明拖欠工资的法律责任和起诉的路"), ("market", "核一核搬运队和货主之间的结算单"),
    ("mediation", "请熟悉老乡的调解员一起坐下来谈"),
)  # fmt: skip
MORE_FROM = 200
"""Numbers of the further quarrels, for telephones and days of their own."""


@cache
def closed() -> tuple[Quarrel, ...]:
    """Further quarrels that ended well."""
    return tuple(Quarrel(**json.loads(line)) for line in (DATA / "closed.jsonl").read_text("utf-8").splitlines())


def teach() -> str:
    """Close what is to be learnt from, tell it without its people, have it checked; ask for help; protect. A second run adds nothing."""
    people = people_of_the_table()
    commander = _proved(actor_of(Account.objects.get(username="zhihui").pk, Role.COMMANDER))
    if commander is None or not people:
        return f"no precedents; {TOO_YOUNG}"
    told = set(Dispute.objects.values_list("facts", flat=True))
    for number, quarrel in enumerate(closed(), start=MORE_FROM):
        if quarrel.facts not in told:
            with transaction.atomic():
                Life(number, quarrel, people).live()
    mediators = {actor.account_id: actor for actor in people.values()}
    for row in Dispute.objects.filter(state=Dispute.State.CLOSED, precedents=None).order_by("pk"):
        writer = _proved(mediators.get(row.mediator_id))
        if writer is not None:
            _told(row, writer, commander)
    _help(people)
    _protect(people, commander)
    return f"{Precedent.objects.filter(state='RELEASED').count()} precedents, {Flag.objects.count()} flags"


def _proved(actor: Actor | None) -> Actor | None:
    """Somebody who has just shown the second factor and said what for."""
    return replace(actor, proved_at=clocks.now(), purpose="dispute") if actor else None


def _told(row: Dispute, writer: Actor, checker: Actor) -> None:
    proposed = precedent_proposal(writer, row.pk)
    worked = WORKED.get(row.kind, WORKED["neighbours"])
    try:
        made = commands.write_precedent(writer, row.pk, facts=proposed.facts, worked=worked, terms_words=proposed.terms)
    except Refusal:  # a house number the masking leaves is a person's work, as at a station
        return
    commands.release_precedent(checker, made.pk)


def _help(people: dict[str, Actor]) -> None:
    """The quarrel over wages, helped by three bodies: one has signed and says what it found, two are asked."""
    wages = Dispute.objects.filter(kind="labour", state=Dispute.State.MEDIATING, joined_bodies=None).first()
    if wages is not None:
        _asked(wages, people)


def _asked(row: Dispute, people: dict[str, Actor]) -> None:
    due_on = clocks.local_day(clocks.now()) + dt.timedelta(days=6)
    for code, task in JOINED:
        body = Organisation.objects.filter(code=code).exclude(pk=row.desk_id).first()
        if body is None:
            continue
        made = commands.ask_body(people["diaodu"], row.pk, body.pk, task=task, due_on=due_on)
        helper = next((one for one in people.values() if one.organisation_id == body.pk), None)
        if helper is not None and code == "justice":
            commands.answer_joining(helper, made.pk, joins=True)
            commands.give_opinion(
                helper, made.pk, opinion="已查到双方的书面材料；建议分两期付清，写进协议并共同申请司法确认。"
            )
    assert JoinedBody.objects.filter(dispute=row).count() <= len(JOINED)


def _protect(people: dict[str, Actor], commander: Actor) -> None:
    """A flag that waits for its review, and one that stands, with an address kept."""
    if Flag.objects.exists():
        return
    mediators = {actor.account_id: actor for actor in people.values()}
    rows = Dispute.objects.filter(state=Dispute.State.MEDIATING, kind__in=("family", "injury", "labour")).order_by("pk")
    for number, row in enumerate(rows[:2]):
        actor = _proved(mediators.get(row.mediator_id))
        if actor is None:
            continue
        party = row.parties.filter(standing="applicant").first()
        commands.raise_flag(
            actor, row.pk, reasons=["threat", "wait"] if number else ["fought"], words="调解时一方说了狠话，散会后在门口等人。",
            steps=["rooms", "apart", *(["address"] if party else [])], party_id=party.pk if party else None,
        )  # fmt: skip
        if number:
            commands.review_flag(commander, row.pk)
