"""A report's history in words: plain ones for the reporter, fuller ones for the desk. A desk is named, never a person, to the public."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.design.timeline import Step
from jiean.intake.models import Referral, Report
from jiean.intake.queries import Detail
from jiean.kernel.actor import Role
from jiean.kernel.device_time import late
from jiean.kernel.models import Transition

State = Report.State


_PUBLIC: dict[str, Promise | str] = {
    "accepted": gettext_lazy("已受理，正在安排处理"),
    "to_mediation": gettext_lazy("已登记为纠纷，由调解员办理"),
    "referred": gettext_lazy("已转给负责的部门"),
    "refused": gettext_lazy("对方说不归他们管，我们重新安排"),
    "recalled": gettext_lazy("已从对方部门收回，重新安排"),
    "voided": gettext_lazy("正在重新核对"),
    "resumed": gettext_lazy("继续处理"),
    "reopened": gettext_lazy("已按您的要求重新打开"),
    "supplemented": gettext_lazy("有新的补充内容"),
    "satisfied": gettext_lazy("您评价：满意"),
    "unsatisfied": gettext_lazy("您评价：不满意"),
    "held": gettext_lazy("依法留存，留存期间不删除"),
    "released": gettext_lazy("解除了依法留存"),
    "rights_asked": gettext_lazy("您就自己的信息提出了要求"),
    "rights_done": gettext_lazy("您的要求已照办"),
    "rights_refused": gettext_lazy("您的要求没有照办，理由见“我的信息”"),
    "MERGED": gettext_lazy("和别人报的是同一件事，合在一起办"),
    "ANSWERED": gettext_lazy("已答复"),
    "CLOSED": gettext_lazy("已办结"),
    "REJECTED": gettext_lazy("没有受理"),
}
"""By the line's code, else by the state it moved to. What is not here concerns the desk alone."""

_DESK: dict[str, Promise | str] = {
    "corrected": gettext_lazy("人工改过类型、级别或位置"),
    "merged": gettext_lazy("并入了另一件上报"),
    "unmerged": gettext_lazy("有一件上报又拆了出去"),
    "split": gettext_lazy("拆出了新的上报"),
    "reopened": gettext_lazy("上报人要求重新打开"),
    "satisfied": gettext_lazy("上报人满意"),
    "unsatisfied": gettext_lazy("上报人不满意"),
    "held": gettext_lazy("依法留存"),
    "released": gettext_lazy("解除留存"),
    "rights_asked": gettext_lazy("上报人就自己的信息提出要求"),
    "rights_done": gettext_lazy("个人信息要求已照办"),
    "rights_refused": gettext_lazy("个人信息要求没有照办"),
    "MERGED": gettext_lazy("已并入另一件"),
    "NEW": gettext_lazy("恢复原状"),
}

_TONES = {"ANSWERED": "done", "CLOSED": "done", "reopened": "now", "unsatisfied": "alarm", "REJECTED": "alarm"}


def public_steps(detail: Detail) -> list[Step]:
    """What the reporter reads: what happened, and which desk has it."""
    report = detail.report
    steps = [_received(report, _("我们收到了您的上报"), _("受理台"))]
    names = _destinations(detail)
    for line in detail.history:
        key = line.code if line.code in _PUBLIC else line.to_state if line.from_state else ""
        if words := _PUBLIC.get(key):
            by = next(names, "") if line.code == "referred" else ""
            steps.append(Step(line.at, str(words), by, _public_note(report, line), _TONES.get(key, "")))
    return steps


def _received(report: Report, title: str, by: str) -> Step:
    """The first line, with when it was written where that was without a network."""
    return Step(report.received_at, title, by, late=late(report, report.received_at), written=True)


def _destinations(detail: Detail) -> Iterator[str]:
    return iter([referral.organisation.name for referral in detail.referrals])


def _public_note(report: Report, line: Transition) -> str:
    """The answer beside the line that gave it; reasons between desks stay between them."""
    if line.to_state == State.ANSWERED and line.from_state and report.state in (State.ANSWERED, State.CLOSED):
        return " ".join(words for words in (str(report.get_outcome_display()), report.answer) if words)
    if line.to_state == State.REJECTED and line.from_state:
        return report.answer
    return ""


def desk_steps(detail: Detail, names: Mapping[int, str]) -> list[Step]:
    """What the desk reads: every line, with who did it and why."""
    report = detail.report
    steps = [_received(report, _("收到上报"), str(report.get_channel_display()))]
    for line in detail.history:
        key = line.code if line.code in _DESK or line.code in _PUBLIC else line.to_state
        words = _DESK.get(key) or _PUBLIC.get(key) or State(line.to_state).label
        by = names.get(line.account_id or 0, str(Role(line.role).label))
        steps.append(
            Step(line.at, str(words), by, line.reason, _TONES.get(key, ""), late(line, line.at, report.received_at))
        )
    steps += [_referral_step(referral) for referral in detail.referrals if referral.answered_at]
    return sorted(steps, key=lambda step: step.at)


def _referral_step(referral: Referral) -> Step:
    assert referral.answered_at is not None
    title = f"{referral.organisation.name} · {referral.get_state_display()}"
    return Step(referral.answered_at, title, "", referral.reply)


def responsible_desk(detail: Detail) -> str:
    """Who has the matter now, as a desk."""
    running = detail.running_referral
    if running is not None:
        return running.organisation.name
    return _("派出所值班警组") if detail.report.state == State.ACCEPTED else _("综治站受理台")
