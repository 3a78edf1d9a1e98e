"""What can be done on a dispute, one line a deed: its words, its form, who may when, and the command it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.disputes import commands
from jiean.disputes.access import Can
from jiean.disputes.commands import Side, Terms
from jiean.disputes.models import CallBack, Dispute, Leg, Manner, PaperKind, Party, Way
from jiean.disputes.pages import choosing
from jiean.disputes.pages import forms as ours
from jiean.disputes.queries import Detail, Filter, leg_of
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.http import row_ids

State = Dispute.State
Given = dict[str, Any]
Run = Callable[[Actor, int, Given], object]
Reach = Mapping[Can, bool]


@dataclass(frozen=True, slots=True)
class Deed:
    """One button with its form. ``states``: when it is offered; ``main``: when it is the next right thing; ``card``: its place."""

    words: str | Promise
    icon: str
    form: type[forms.Form]
    can: Can
    states: tuple[str, ...]
    run: Run
    main: tuple[str, ...] = ()
    when: Callable[[Detail], bool] = lambda detail: True
    card: str = ""

    def offered(self, detail: Detail, reach: Reach) -> bool:
        """Whether the actor may do it on the dispute as it stands."""
        return reach[self.can] and detail.dispute.state in self.states and self.when(detail)


def _plain(command: Callable[..., object]) -> Run:
    return lambda actor, dispute_id, given: command(actor, dispute_id, **given)


def _divert(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.divert_dispute(actor, dispute_id, **given)


def _answer(state: Leg.State) -> Run:
    def answer(actor: Actor, dispute_id: int, given: Given) -> object:
        leg = leg_of(actor, dispute_id)
        return commands.answer_leg(actor, leg.pk, state=state, reply=given.get("reply", ""))

    return answer


def _add_side(actor: Actor, dispute_id: int, given: Given) -> object:
    side = Side(
        Party.Standing(given["standing"]), Party.Nature(given["nature"]), given["name"], given["phone"],
        given["address"], given["is_minor"],
    )  # fmt: skip
    return commands.add_side(actor, dispute_id, side, speaks_for_id=given["speaks_for_id"])


def _talk(actor: Actor, dispute_id: int, given: Given) -> object:
    del given["version"]
    return commands.record_talk.keyed(given.pop("key"))(actor, dispute_id, **given)


def _meet(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.plan_meeting(actor, dispute_id, choosing.slot_of(given), **given)


def _extend(actor: Actor, dispute_id: int, given: Given) -> object:
    del given["version"]
    return commands.extend_mediation(actor, dispute_id, **given)


def _without_version(command: Callable[..., object]) -> Run:
    return lambda actor, dispute_id, given: command(actor, dispute_id, reason=given["reason"])


def _settle(actor: Actor, dispute_id: int, given: Given) -> object:
    version = given.pop("version")
    return commands.settle_dispute(actor, dispute_id, Terms(**given), version=version)


def _manner(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.set_manner(actor, dispute_id, **given | {"manner": Manner(given["manner"])})


def _refer(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.refer_dispute(actor, dispute_id, **given | {"way": Way(given["way"])})


def _call_back(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.call_back(actor, dispute_id, **given | {"kept": CallBack.Kept(given["kept"])})


def _join(actor: Actor, dispute_id: int, given: Given) -> object:
    lead = Filter(words=given["number"]).rows(actor).filter(number__iexact=given["number"].strip()).first()
    if lead is None:
        raise NotFound
    return commands.join_disputes(actor, lead.pk, [dispute_id])


def _split(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.split_dispute(actor, dispute_id, texts=given["texts"].splitlines())


def _correct(actor: Actor, dispute_id: int, given: Given) -> object:
    return commands.correct_dispute(actor, dispute_id, **given)


def _issue(actor: Actor, dispute_id: int, given: Given) -> object:
    del given["version"]
    return commands.issue_paper(actor, dispute_id, **given | {"kind": PaperKind(given["kind"])})


def drop_side(actor: Actor, party_id: str) -> object:
    """Take a party off the table. Raises NotFound."""
    wanted = row_ids([party_id])
    if not wanted:
        raise NotFound
    return commands.drop_side(actor, wanted[0])


def _has_mediator(detail: Detail) -> bool:
    return detail.dispute.mediator_id is not None


def _no_ruling(detail: Detail) -> bool:
    return not detail.dispute.needs_ruling


def _may_refuse(detail: Detail) -> bool:
    return detail.running_leg is not None and not detail.running_leg.ruled


def _is_seated(detail: Detail) -> bool:
    return bool(detail.seats)


def _peoples(detail: Detail) -> bool:
    return detail.dispute.manner == Manner.PEOPLE and bool(detail.parties)


def _is_held(detail: Detail) -> bool:
    return any(one.state == "suspended" for one in detail.clocks) and detail.dispute.state != State.JOINED


def _runs(code: str) -> Callable[[Detail], bool]:
    return lambda detail: any(one.code == code and one.state == "running" for one in detail.clocks)


_BEFORE_END = (State.REGISTERED, State.DIVERTED, State.ACCEPTED, State.MEDIATING)
_OPEN = (State.REGISTERED, State.ACCEPTED, State.MEDIATING)
_CALLED = (State.SETTLED, State.FAILED, State.FOLLOW_UP)
_OVER = (State.CLOSED, State.WITHDRAWN, State.REFERRED, State.REJECTED, State.FOLLOW_UP)

DEEDS: dict[str, Deed] = {
    "sign": Deed(_("签收"), "check", ours.PlainForm, Can.ANSWER_LEG, (State.DIVERTED,), _answer(Leg.State.ACCEPTED),
                 main=(State.DIVERTED,)),
    "rule": Deed(_("裁定去向（对方不能退回）"), "flag", ours.RulingForm, Can.RULE, (State.REGISTERED, State.ACCEPTED),
                 _plain(commands.rule_desk), main=(State.REGISTERED, State.ACCEPTED),
                 when=lambda detail: detail.dispute.needs_ruling),
    "divert": Deed(_("分流"), "corner-up-right", ours.DeskForm, Can.DIVERT, (State.REGISTERED, State.ACCEPTED), _divert,
                   main=(State.REGISTERED,), when=_no_ruling),
    "mediator": Deed(_("定调解员"), "user", ours.MediatorForm, Can.ARRANGE, (State.ACCEPTED, State.MEDIATING),
                     _plain(commands.assign_mediator), main=(State.ACCEPTED,)),
    "team": Deed(_("请团队"), "users", choosing.TeamForm, Can.ARRANGE, (State.ACCEPTED, State.MEDIATING),
                 _plain(commands.seat_team)),
    "unseat": Deed(_("团队里有人离席"), "x", choosing.LeaveForm, Can.ARRANGE, (State.ACCEPTED, State.MEDIATING),
                   _plain(commands.leave_seat), when=_is_seated),
    "object": Deed(_("当事人要换调解员"), "refresh", choosing.ObjectForm, Can.ARRANGE, (State.ACCEPTED, State.MEDIATING),
                   _plain(commands.object_mediator), when=_has_mediator),
    "speech": Deed(_("记下希望用什么话谈"), "message", choosing.SpeechForm, Can.ARRANGE, _BEFORE_END,
                   _plain(commands.note_speech), when=_peoples),
    "stand-back": Deed(_("我要回避"), "hand-stop", ours.ReasonForm, Can.STAND_BACK, _BEFORE_END,
                       _plain(commands.stand_back)),
    "begin": Deed(_("开始调解"), "player-play", ours.BeginForm, Can.MEDIATE, (State.ACCEPTED,),
                  _plain(commands.begin_mediation), main=(State.ACCEPTED,), when=_has_mediator),
    "talk": Deed(_("记一次调解会"), "note", ours.TalkForm, Can.MEDIATE, (State.MEDIATING,), _talk,
                 main=(State.MEDIATING,)),
    "meet": Deed(_("约调解会"), "calendar", ours.MeetingForm, Can.ARRANGE, (State.ACCEPTED, State.MEDIATING), _meet,
                 main=(State.MEDIATING,), when=_has_mediator),
    "settle": Deed(_("达成协议"), "circle-check", ours.TermsForm, Can.MEDIATE, (State.MEDIATING,), _settle,
                   main=(State.MEDIATING,)),
    "call-back": Deed(_("回访"), "phone-call", ours.CallBackForm, Can.MEDIATE, _CALLED, _call_back, main=_CALLED),
    "close": Deed(_("办结"), "check", ours.PlainForm, Can.MEDIATE, (State.FOLLOW_UP,), _plain(commands.close_dispute),
                  main=(State.FOLLOW_UP,)),
    "paper": Deed(_("开文书"), "printer", ours.PaperForm, Can.ISSUE, tuple(State), _issue,
                  when=lambda detail: detail.dispute.erased_at is None and bool(detail.parties)),
    "take": Deed(_("本单位受理"), "check", ours.PlainForm, Can.DIVERT, (State.REGISTERED,),
                 _plain(commands.take_dispute), when=_no_ruling),
    "return": Deed(_("退回"), "arrow-back-up", ours.ReplyForm, Can.ANSWER_LEG, (State.DIVERTED,),
                   _answer(Leg.State.REFUSED), when=_may_refuse),
    "recall": Deed(_("撤回分流"), "arrow-back-up", ours.ReasonForm, Can.DIVERT, (State.DIVERTED,),
                   _plain(commands.recall_leg)),
    "side": Deed(_("登记当事人"), "users", ours.SideForm, Can.ARRANGE, Dispute.LIVE, _add_side),
    "confirm": Deed(_("已申请司法确认，或者不需要"), "shield", ours.PlainForm, Can.MEDIATE, _CALLED,
                    lambda actor, dispute_id, given: commands.confirm_applied(actor, dispute_id),
                    when=_runs("disputes.confirm")),
    "fail": Deed(_("调解不成"), "x", ours.ReasonForm, Can.MEDIATE, (State.ACCEPTED, State.MEDIATING),
                 _plain(commands.fail_dispute), when=_has_mediator),
    "withdraw": Deed(_("当事人撤回"), "hand-stop", ours.WithdrawForm, Can.ARRANGE, (*_OPEN, State.DIVERTED),
                     _plain(commands.withdraw_dispute)),
    "refer": Deed(_("引导其他途径"), "external-link", ours.WayForm, Can.ARRANGE, (*_OPEN, State.FAILED), _refer),
    "extend": Deed(_("延长调解期限"), "calendar", ours.ExtendForm, Can.MEDIATE, (State.ACCEPTED, State.MEDIATING), _extend),
    "hold": Deed(_("中止计时"), "clock", ours.ReasonForm, Can.MEDIATE, Dispute.LIVE,
                 _without_version(commands.hold_clocks), when=lambda detail: detail.dispute.due_at is not None),
    "resume": Deed(_("恢复计时"), "clock", ours.ReasonForm, Can.MEDIATE, Dispute.LIVE,
                   _without_version(commands.resume_clocks), when=_is_held),
    "manner": Deed(_("调解方式"), "shield", ours.MannerForm, Can.ARRANGE, (State.ACCEPTED,), _manner),
    "correct": Deed(_("更正类型、层级和金额"), "pencil", ours.CorrectForm, Can.ARRANGE, Dispute.LIVE, _correct),
    "join": Deed(_("并入另一件"), "git-merge", ours.JoinForm, Can.ARRANGE, _OPEN, _join),
    "unjoin": Deed(_("拆开并案"), "arrow-back-up", ours.PlainForm, Can.ARRANGE, (State.JOINED,),
                   lambda actor, dispute_id, given: commands.undo_join(actor, dispute_id), main=(State.JOINED,)),
    "split": Deed(_("拆分"), "stack-2", ours.SplitForm, Can.ARRANGE, _OPEN, _split),
    "reject": Deed(_("不予调解"), "x", ours.ReasonForm, Can.DIVERT, (State.REGISTERED,),
                   _plain(commands.reject_dispute)),
    "reopen": Deed(_("重新打开"), "refresh", ours.ReasonForm, Can.ARRANGE, _OVER, _plain(commands.reopen_dispute)),
}  # fmt: skip
"""In the order the page shows them."""
