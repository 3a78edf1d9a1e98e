"""A paper as it is laid out: labels in the reader's language around the content's own words. Print, file and screen show the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.disputes.models import OUTCOMES, CallBack, Kind, Manner, PaperKind, Party
from jiean.disputes.papers.content import Content

_MEDIATION_LAW = gettext_lazy("《中华人民共和国人民调解法》")


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a paper: labelled ``pairs``, ``words`` in paragraphs, numbered ``items``, or a ``table`` whose first row is its head."""

    head: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SignPlace:
    """Where somebody signs: as what, and whose signature belongs there (a party's id, or None for the mediator)."""

    label: str
    party_id: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole paper."""

    station: str
    title: str
    number: str
    edition: int
    blocks: tuple[Block, ...]
    signs: tuple[SignPlace, ...]
    seal: str
    day: str


def sheet_of(content: Content, *, number: str, edition: int, issued: dt.date) -> Sheet:
    """The layout of a paper's content in the language that is active."""
    kind = PaperKind(content["kind"])
    return Sheet(
        station=settings.STATION_NAME,
        title=_title(kind, content),
        number=number,
        edition=edition,
        blocks=tuple(_BLOCKS[kind](content)),
        signs=tuple(_signs(kind, content)),
        seal="" if kind in _UNSEALED else str(content["desk"]),
        day=formats.date_format(issued, "DATE_FORMAT"),
    )


_UNSEALED = (PaperKind.APPLICATION, PaperKind.CONFIRMATION, PaperKind.INDEX)
_SIGNED_BY_PARTIES = (
    PaperKind.APPLICATION, PaperKind.RECORD, PaperKind.AGREEMENT, PaperKind.ORAL, PaperKind.CONFIRMATION,
)  # fmt: skip


def _title(kind: PaperKind, content: Content) -> str:
    if kind == PaperKind.AGREEMENT:
        return _("治安调解协议书") if content["manner"] == Manner.POLICE else _("人民调解协议书")
    return str(kind.label)


def _signs(kind: PaperKind, content: Content) -> Iterator[SignPlace]:
    """Who signs: an applicant alone for an application; everybody at the table for what was said and agreed."""
    for side in content["sides"] if kind in _SIGNED_BY_PARTIES else ():
        if kind != PaperKind.APPLICATION or side["standing"] == Party.Standing.APPLICANT:
            yield SignPlace(_named(side), side["id"])
    if kind not in (PaperKind.APPLICATION, PaperKind.CONFIRMATION, PaperKind.COVER, PaperKind.INDEX):
        yield SignPlace(_("调解员 %(name)s") % {"name": content["mediator"]}, None)


def _named(side: Content) -> str:
    return f"{Party.Standing(side['standing']).label} {side['name']}".strip()


def _sides(content: Content) -> Block:
    """The parties, a line each; a minor and who speaks for whom are said."""
    by_id = {side["id"]: side for side in content["sides"]}
    return Block(
        head=_("各方当事人"),
        pairs=tuple((_standing(side), _said_of(side, by_id.get(side["for"]))) for side in content["sides"]),
    )


def _standing(side: Content) -> str:
    return str(Party.Standing(side["standing"]).label)


def _said_of(side: Content, spoken_for: Content | None) -> str:
    said = [side["name"] or "＿＿＿＿", str(Party.Nature(side["nature"]).label)]
    said += [_("未成年人")] if side["minor"] else []
    said += [_("代表%(who)s") % {"who": spoken_for["name"] or _standing(spoken_for)}] if spoken_for else []
    return " · ".join(said)


def _head(content: Content, *more: tuple[str, str]) -> Block:
    rows = [(_("纠纷编号"), content["dispute"]), (_("纠纷类型"), str(Kind(content["about"]).label)), *more]
    return Block(pairs=tuple((label, value) for label, value in rows if value))


def _paragraphs(head: str, words: str) -> Block:
    return Block(head=head, words=tuple(line for line in words.splitlines() if line.strip()))


def _date(iso: str) -> str:
    return formats.date_format(dt.date.fromisoformat(iso), "DATE_FORMAT") if iso else "—"


def _moment(local: str) -> str:
    """A minute as a paper keeps it, as the reader's language says it."""
    return formats.date_format(dt.datetime.fromisoformat(local), "DATETIME_FORMAT")


def _application(content: Content) -> Iterator[Block]:
    yield _head(content, (_("申请日期"), _date(content["day"])))
    yield _sides(content)
    yield _paragraphs(_("纠纷经过"), content["facts"])
    yield _paragraphs(_("申请事项"), content["request"])
    yield Block(words=(_("申请人知道：调解自愿、不收费；一方不同意的，不调解。"),))


def _acceptance(content: Content) -> Iterator[Block]:
    yield _head(content, (_("受理日期"), _date(content["day"])), (_("调解员"), content["mediator"]),
                (_("是否公开"), _("公开") if content["open"] else _("不公开")))  # fmt: skip
    yield _sides(content)
    yield Block(head=_("您有权"), items=(
        _("选一位调解员，或者不要现在这一位；"), _("同意调解、不同意调解，或者随时要求停下来；"),
        _("要求公开或者不公开调解；"), _("自己说、自己定，愿意才签协议。"),
    ))  # fmt: skip
    yield Block(head=_("也请您"), items=(
        _("如实说明情况；"), _("遵守秩序，尊重调解员；"), _("尊重对方说话和选择的权利。"),
    ))  # fmt: skip
    yield Block(
        words=(
            _("依据：%(law)s第二十三条、第二十四条。一般在一个月内调结；双方同意的可以延长。")
            % {"law": _MEDIATION_LAW},
        )
    )


def _record(content: Content) -> Iterator[Block]:
    yield _head(
        content, (_("时间"), _moment(content["at"])), (_("地点"), content["place"]), (_("调解员"), content["mediator"])
    )
    yield _sides(content)
    yield _paragraphs(_("笔录"), content["notes"])
    yield Block(words=(_("以上笔录我看过（向我念过），和我说的一样。"),))


def _agreement(content: Content) -> Iterator[Block]:
    yield _head(content, (_("生效日期"), _date(content["day"])))
    yield _sides(content)
    yield _paragraphs(_("一、主要事实和争议"), content["facts"])
    yield _paragraphs(_("二、各方责任"), content["liability"])
    yield _paragraphs(_("三、协议内容"), content["terms"])
    yield Block(head=_("四、履行"), pairs=(
        (_("履行方式"), content["performance"]), (_("履行期限"), _date(content["perform_by"])),
    ))  # fmt: skip
    yield Block(words=(_effect(content),))


def _effect(content: Content) -> str:
    if content["manner"] == Manner.POLICE:
        return _(
            "双方自愿达成本协议。履行之后，对引起纠纷的行为不再处罚；不履行的，公安机关依法处理，双方也可以向人民法院起诉。"
        )
    return _(
        "双方自愿达成本协议，协议有法律约束力，应当按约定履行。协议生效之日起三十日内，双方可以共同向人民法院申请司法确认"
        "（%(law)s第三十一条、第三十三条）。"
    ) % {"law": _MEDIATION_LAW}


def _oral(content: Content) -> Iterator[Block]:
    yield from _agreement(content)
    yield Block(words=(_("口头协议自各方达成之日起生效；调解员把内容记在本表，各方可以要求写成书面协议。"),))


def open_roads() -> tuple[str, ...]:
    """What is open to a party whom mediation did not help, in the reader's language: the notice's words and its own page's."""
    return (
        _("有仲裁约定的、劳动争议、农村土地承包纠纷，向仲裁机构申请仲裁；"),
        _("依法由行政机关处理的，请行政机关处理；"),
        _("向人民法院起诉。请留意诉讼时效。"),
    )


def _failure(content: Content) -> Iterator[Block]:
    yield _head(content, (_("终止日期"), _date(content["day"])), (_("调解员"), content["mediator"]))
    yield _sides(content)
    yield Block(words=(_("本次调解没有达成协议，现已终止。您还可以走下面的路："),))
    yield Block(items=open_roads())
    yield Block(words=(_("依据：%(law)s第二十六条。") % {"law": _MEDIATION_LAW},))


def _confirmation(content: Content) -> Iterator[Block]:
    yield _head(content, (_("协议生效日期"), _date(content["day"])))
    yield _sides(content)
    yield Block(words=(_("＿＿＿＿＿＿人民法院："), _("申请人经人民调解自愿达成下列协议，请求依法确认其效力。")))
    yield _paragraphs(_("协议内容"), content["terms"])
    yield Block(pairs=((_("履行期限"), _date(content["perform_by"])),))
    yield Block(words=(_("申请人承诺：出于自愿，没有恶意串通、规避法律，不损害国家、集体和别人的利益。"),
                       _("随附：调解协议书、身份证明、联系方式（请手写）。")))  # fmt: skip


def _call_backs(content: Content) -> Iterator[Block]:
    yield _head(content, (_("调解员"), content["mediator"]))
    yield _sides(content)
    head = (_("日期"), _("履行情况"), _("是否满意"), _("再起纠纷"), _("回访记录"))
    pleased = {True: _("满意"), False: _("不满意"), None: "—"}
    rows = [
        (_date(one["day"]), str(CallBack.Kept(one["kept"]).label), pleased[one["satisfied"]],
         _("是") if one["recurred"] else _("否"), one["note"])
        for one in content["lines"]
    ]  # fmt: skip
    yield Block(table=(head, *rows))


def _cover(content: Content) -> Iterator[Block]:
    yield _head(
        content, (_("登记日期"), _date(content["registered_at"])), (_("受理日期"), _date(content["accepted_at"])),
        (_("结束日期"), _date(content["ended_at"])), (_("结果"), str(OUTCOMES[content["outcome"]])),
        (_("调解员"), content["mediator"]), (_("卷内文书"), _("%(n)d 份") % {"n": content["papers"]}),
    )  # fmt: skip
    yield _sides(content)
    yield Block(words=(_("保存到办结后三年；笔录办结后一年删除。"),))


def _index(content: Content) -> Iterator[Block]:
    yield _head(content)
    head = (_("第几份"), _("文书"), _("文号"), _("第几版"), _("日期"))
    rows = [
        (str(place), str(PaperKind(one["kind"]).label), one["number"], str(one["edition"]), _date(one["day"]))
        for place, one in enumerate(content["lines"], start=1)
    ]
    yield Block(table=(head, *rows))


_BLOCKS: dict[PaperKind, Callable[[Content], Iterator[Block]]] = {
    PaperKind.APPLICATION: _application,
    PaperKind.ACCEPTANCE: _acceptance,
    PaperKind.RECORD: _record,
    PaperKind.AGREEMENT: _agreement,
    PaperKind.ORAL: _oral,
    PaperKind.FAILURE: _failure,
    PaperKind.CONFIRMATION: _confirmation,
    PaperKind.CALL_BACK: _call_backs,
    PaperKind.COVER: _cover,
    PaperKind.INDEX: _index,
}
