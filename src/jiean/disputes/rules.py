"""The room's time limits and lists. Each is a setting of the room, with the law or order it comes from."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import PoliceGround
from jiean.kernel.clocks import Rule, Unit

STATION = "本站规定，由各站自己确认"
MEDIATION_LAW = "中华人民共和国人民调解法（2010）"
MEDIATION_ORDER = "人民调解工作若干规定（司法部令第 75 号，2002）"
POLICE_LAW = "中华人民共和国治安管理处罚法"
POLICE_ORDER = "公安机关办理行政案件程序规定"

DIVERT = Rule("disputes.divert", 24, Unit.HOURS, _("确定负责单位"), STATION)
"""From the first word, or from a desk's refusal, to a desk that is asked."""

RECEIPT = Rule(
    "disputes.receipt", 24, Unit.HOURS, _("签收或退回"), f"{POLICE_ORDER}：不属于本单位管辖的二十四小时内移送"
)
"""A desk signs or refuses; a matter that is another unit's goes on within a day."""

MEDIATE = Rule("disputes.mediate", 1, Unit.MONTHS, _("调解期限"), f"{MEDIATION_ORDER}第三十三条：一般在一个月内调结")
"""From acceptance. Put off only when both sides agreed, which is recorded."""

CONFIRM = Rule("disputes.confirm", 30, Unit.DAYS, _("共同申请司法确认"), f"{MEDIATION_LAW}第三十三条")
"""From the day the agreement takes effect; both sides apply together."""

CALL_BACK_SOON = Rule("disputes.call_back_7", 7, Unit.DAYS, _("七日回访"), STATION)
CALL_BACK_LATE = Rule("disputes.call_back_30", 30, Unit.DAYS, _("三十日回访"), STATION)

POLICE_AGAIN = Rule(
    "disputes.police_again", 7, Unit.WORKING_DAYS, _("第二次治安调解"), f"{POLICE_ORDER}治安调解一章：七个工作日内完成"
)
"""From the first mediation by the police that led to nothing."""

PERFORM_CODE = "disputes.perform"
FLAG_REVIEW = Rule("disputes.flag_review", 7, Unit.DAYS, _("复核民转刑提示"), STATION)
"""From the day a flag is raised or renewed; by somebody else than who raised it."""

FLAG_STANDS = Rule("disputes.flag_stands", 30, Unit.DAYS, _("民转刑提示到期"), STATION)
"""A flag is gone then, with its words, unless a person renews it."""

CALLS_LOOK, CALLS_WITHIN_DAYS = 3, 30
"""So many calls about one dispute within so many days, and a person is asked to look."""

CLOCKS: tuple[Rule, ...] = (DIVERT, RECEIPT, MEDIATE, CONFIRM, CALL_BACK_SOON, CALL_BACK_LATE, POLICE_AGAIN, FLAG_REVIEW,
                            FLAG_STANDS)  # fmt: skip
"""Every limit with its source, for the page that shows them."""


def perform_rule(effective: dt.date, perform_by: dt.date) -> Rule:
    """The limit the parties set themselves: it ends with the day they named."""
    return Rule(PERFORM_CODE, (perform_by - effective).days, Unit.DAYS, _("履行协议"), "协议约定")


JOINT_CODE = "disputes.joint"


def joint_rule(asked: dt.date, due_on: dt.date) -> Rule:
    """The limit a lead sets a body that helps: it ends with the day named."""
    return Rule(JOINT_CODE, (due_on - asked).days, Unit.DAYS, _("协办意见"), "牵头单位提出，协办单位签收")


POLICE_TALKS_MOST = 2
"""One mediation, and one more where it is needed or asked for."""

POLICE_MAY_MEDIATE: frozenset[PoliceGround] = frozenset(PoliceGround)
"""What the police may mediate here; a station takes out what it leaves to people's mediation."""

POLICE_SOURCE = f"{POLICE_LAW}第九条；{POLICE_ORDER}治安调解一章"

POLICE_MAY_NOT = (
    _("雇凶伤害他人"),
    _("结伙斗殴或者其他寻衅滋事"),
    _("多次违反治安管理"),
    _("当事人明确表示不愿意调解"),
    _("调解中又针对对方违反治安管理"),
    _("违法嫌疑人逃跑"),
)
"""… and never, whatever the ground."""

REFUSALS_BEFORE_RULING = 2
HOME_DESK = "police"
"""The code of the body whose desk takes the first word of everything: the station's own."""

FALLBACK_DESK = "mediation"
"""Where a dispute goes that no rule fits: people's mediation."""
