"""A dispute's history in words: plain ones for a party, fuller ones for who holds it; and its clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.design.timeline import Step
from jiean.disputes.models import Dispute, Protection
from jiean.disputes.queries import Detail, Own, clock_words
from jiean.kernel.actor import Role
from jiean.kernel.device_time import late
from jiean.kernel.models import Deadline, Transition


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock: what for, until when, by which law, whether it is late or held."""

    words: str | Promise
    due_at: dt.datetime
    source: str
    is_late: bool
    is_held: bool


_WORDS: dict[str, Promise | str] = {
    "registered": gettext_lazy("登记"),
    "diverted": gettext_lazy("已分流，等对方签收"),
    "signed": gettext_lazy("对方已签收受理"),
    "taken_here": gettext_lazy("本单位受理"),
    "ruled_here": gettext_lazy("指挥长裁定由现在的单位办理"),
    "refused": gettext_lazy("对方退回"),
    "recalled": gettext_lazy("撤回了分流"),
    "rejected": gettext_lazy("不予调解"),
    "party_added": gettext_lazy("登记了当事人"),
    "party_left": gettext_lazy("有当事人退出"),
    "mediator_assigned": gettext_lazy("定了调解员"),
    "mediator_refused": gettext_lazy("当事人不同意调解员，要另定一位"),
    "mediator_recused": gettext_lazy("调解员回避"),
    "mediator_chosen": gettext_lazy("有当事人选了调解员"),
    "speech_told": gettext_lazy("有当事人说了希望用什么话谈"),
    "team_seated": gettext_lazy("请了调解团队"),
    "seat_left": gettext_lazy("团队里有人离席"),
    "manner_people": gettext_lazy("改为人民调解"),
    "manner_police": gettext_lazy("改为治安调解"),
    "corrected": gettext_lazy("更正了类型、层级或金额"),
    "begun": gettext_lazy("各方同意，开始调解"),
    "talk_held": gettext_lazy("开了一次调解会"),
    "meeting_planned": gettext_lazy("约了一场调解会"),
    "meeting_moved": gettext_lazy("调解会改了时间或地点"),
    "meeting_cancelled": gettext_lazy("取消了一场调解会"),
    "no_show": gettext_lazy("约好的调解会有人没到"),
    "extended": gettext_lazy("各方同意，延长了期限"),
    "clocks_held": gettext_lazy("时限中止"),
    "clocks_resumed": gettext_lazy("时限恢复"),
    "settled": gettext_lazy("达成协议"),
    "settled_orally": gettext_lazy("达成口头协议"),
    "failed": gettext_lazy("调解不成"),
    "withdrawn": gettext_lazy("当事人撤回"),
    "withdrawn_applicant": gettext_lazy("申请人撤回"),
    "withdrawn_respondent": gettext_lazy("被申请人要求终止调解"),
    "withdrawn_third": gettext_lazy("第三人要求终止调解"),
    "withdrawn_agent": gettext_lazy("代理人代为撤回"),
    "withdrawn_guardian": gettext_lazy("监护人代为撤回"),
    "referred": gettext_lazy("引导到其他途径"),
    "called_back": gettext_lazy("回访"),
    "confirmation_done": gettext_lazy("司法确认已申请，或者不需要"),
    "closed": gettext_lazy("调解办结"),
    "reopened": gettext_lazy("重新打开"),
    "joined": gettext_lazy("并入另一件一起办"),
    "unjoined": gettext_lazy("从并案拆出，单独办"),
    "others_joined": gettext_lazy("有别的纠纷并进来一起办"),
    "split": gettext_lazy("拆出了新的纠纷"),
    "paper_issued": gettext_lazy("开了文书"),
    "paper_signed": gettext_lazy("有人在文书上签了名"),
    "body_asked": gettext_lazy("邀请了协办单位"),
    "body_joined": gettext_lazy("协办单位签收"),
    "body_refused": gettext_lazy("协办单位不参加"),
    "body_advised": gettext_lazy("协办单位出了意见"),
    "body_released": gettext_lazy("解除了协办"),
    "protect_rooms": gettext_lazy("保护措施：分开房间谈"),
    "protect_apart": gettext_lazy("保护措施：分开到、分开走"),
    "protect_officer": gettext_lazy("保护措施：民警在场"),
    "protect_address": gettext_lazy("保护措施：住址保密"),
    "unprotect_rooms": gettext_lazy("解除保护措施：分开房间谈"),
    "unprotect_apart": gettext_lazy("解除保护措施：分开到、分开走"),
    "unprotect_officer": gettext_lazy("解除保护措施：民警在场"),
    "unprotect_address": gettext_lazy("解除保护措施：住址保密"),
    "called_again": gettext_lazy("又来电反映"),
    "rated_well": gettext_lazy("有当事人评价：满意"),
    "rated_badly": gettext_lazy("有当事人评价：不满意"),
    "wish_open": gettext_lazy("有当事人说可以公开调解"),
    "wish_closed": gettext_lazy("有当事人要求不公开调解"),
}
_TONES = {"settled": "done", "settled_orally": "done", "closed": "done", "failed": "alarm", "rejected": "alarm",
          "refused": "alarm", "reopened": "now", "rated_badly": "now", "mediator_refused": "now", "mediator_recused": "now"}  # fmt: skip
_DESK_ONLY = {
    "party_added",
    "party_left",
    "corrected",
    "split",
    "others_joined",
    "wish_open",
    "wish_closed",
    "rated_well",
    "rated_badly",
    "mediator_chosen",
    "speech_told",
    "team_seated",
    "seat_left",
    "called_again",
    "body_refused",
    "body_released",
    *(f"{deed}_{step}" for deed in ("protect", "unprotect") for step in Protection.Step.values),
}
_TOLD_WHY = {"rejected", "referred", "clocks_held", "extended"}


def desk_steps(detail: Detail) -> list[Step]:
    """Every line, with who did it and why."""
    legs = iter(detail.legs)
    steps = []
    for line in detail.history:
        by = detail.names.get(line.account_id or 0, str(Role(line.role).label))
        leg = next(legs, None) if line.code == "diverted" else None
        why = " ".join(filter(None, (leg.organisation.name, leg.reason))) if leg else line.reason
        if line.code == "mediator_assigned":
            why = detail.names.get(line.detail.get("account_id", 0), why)
        came = late(line, line.at, detail.dispute.registered_at)
        steps.append(Step(line.at, _title(line), by, why, _TONES.get(line.code, ""), came))
    return steps


def party_steps(own: Own) -> list[Step]:
    """What a party reads: what happened, which desk has it; reasons between desks and of others stay between them."""
    legs = iter(own.legs)
    steps = []
    for line in own.history:
        leg = next(legs, None) if line.code == "diverted" else None
        if line.code in _DESK_ONLY:
            continue
        why = line.reason if line.code in _TOLD_WHY else ""
        steps.append(Step(line.at, _title(line), leg.organisation.name if leg else "", why, _TONES.get(line.code, "")))
    return steps


def _title(line: Transition) -> str:
    known = _WORDS.get(line.code)
    return str(known if known is not None else Dispute.State(line.to_state).label)


def clock_lines(deadlines: Iterable[Deadline], at: dt.datetime) -> list[ClockLine]:
    """The clocks that are not over, the first to run out first."""
    return [
        ClockLine(
            clock_words(one.code), one.due_at, one.source,
            one.state == Deadline.State.RUNNING and one.due_at < at, one.state == Deadline.State.SUSPENDED,
        )
        for one in deadlines
    ]  # fmt: skip


def responsible(own: Own) -> str:
    """Who has the matter now, as a desk, never a person."""
    return str(own.dispute.joined_into.desk if own.dispute.joined_into else own.dispute.desk) or _("派出所")
