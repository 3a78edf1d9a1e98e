"""Forms of disputes: their shape only; what a value means is judged by the commands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import (
    FACTS_LIMIT,
    NOTE_LIMIT,
    PLACE_LIMIT,
    CallBack,
    DeskRule,
    Kind,
    Level,
    Manner,
    PaperKind,
    Party,
    PoliceGround,
    Protection,
    Reason,
    Way,
)
from jiean.disputes.models.endings import NOTES_LIMIT, WORDS_LIMIT
from jiean.disputes.models.joint import OPINION_LIMIT

MOST_ID = 2**63 - 1
_AREA = {"rows": 3}
LENGTHS = ((30, _("半小时")), (60, _("一小时")), (90, _("一个半小时")), (120, _("两小时")), (180, _("三小时")))


def _words(label: Any, *, limit: int = NOTE_LIMIT, required: bool = True, hint: Any = "") -> forms.CharField:
    area = forms.Textarea(_AREA)
    return forms.CharField(label=label, max_length=limit, required=required, widget=area, help_text=hint)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}))


def _tick(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


def choose(label: Any, choices: Any, *, radio: bool = False, required: bool = True) -> forms.ChoiceField:
    """A list to choose from; one that may be left empty says so first."""
    given: list[Any] = list(choices) if radio or required else [("", "—"), *choices]
    return forms.ChoiceField(
        label=label, choices=given, required=required, widget=forms.RadioSelect if radio else forms.Select
    )


def _phone() -> forms.CharField:
    dial = forms.TextInput({"type": "tel", "inputmode": "tel"})
    return forms.CharField(label=_("电话"), max_length=20, required=False, widget=dial)


class DeedForm(forms.Form):
    """A form on a dispute somebody else may have changed meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False)


class OfferForm(DeedForm):
    """A form with a list to choose from that is made when it is shown."""

    offered = ""

    def offer(self, choices: Any) -> None:
        """Put what can be chosen into the list."""
        self.fields[self.offered].widget = forms.Select(choices=list(choices))


class EntryForm(forms.Form):
    """The first word: what it is about and what happened; who and where as far as it is known."""

    kind = choose(_("类型"), Kind.choices)
    facts = forms.CharField(
        label=_("纠纷经过"), max_length=FACTS_LIMIT, widget=forms.Textarea({"rows": 5}),
        help_text=_("谁和谁、为什么事、现在怎样。姓名和电话请填在下面，不要写在这里。"),
    )  # fmt: skip
    place_words = forms.CharField(label=_("地点"), max_length=PLACE_LIMIT, required=False)
    cell_id = forms.TypedChoiceField(label=_("网格"), coerce=int, required=False, empty_value=None)
    amount_yuan = forms.IntegerField(label=_("涉及金额（元）"), required=False, min_value=0, max_value=10**12)
    people_count = forms.IntegerField(label=_("涉及人数"), required=False, min_value=0, max_value=100_000)
    applicant_name = forms.CharField(label=_("申请人姓名或名称"), max_length=40, required=False)
    applicant_phone = _phone()
    respondent_name = forms.CharField(label=_("被申请人姓名或名称"), max_length=40, required=False)
    respondent_phone = _phone()
    respondent_org = _tick(_("被申请人是单位"))
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)
    ticket_id = forms.IntegerField(required=False, min_value=1, max_value=MOST_ID, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cells: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cell_id"].choices = [("", "—"), *cells]  # type: ignore[attr-defined]
        self.fields["applicant_phone"].label = _("申请人电话")
        self.fields["respondent_phone"].label = _("被申请人电话")


class SideForm(DeedForm):
    standing = choose(_("身份"), Party.Standing.choices)
    nature = choose(_("性质"), Party.Nature.choices)
    name = forms.CharField(label=_("姓名或名称"), max_length=40, required=False)
    phone = _phone()
    address = forms.CharField(label=_("住址"), max_length=120, required=False)
    is_minor = _tick(_("未成年人"))
    speaks_for_id = forms.IntegerField(label=_("为哪一方代理或监护"), required=False, max_value=MOST_ID)

    def offer(self, choices: Any) -> None:
        """Put the parties somebody may speak for into the list."""
        self.fields["speaks_for_id"].widget = forms.Select(choices=[("", "—"), *choices])


class ReasonForm(DeedForm):
    reason = _words(_("原因"))


class PlainForm(DeedForm):
    """A deed that needs no words."""


class DeskForm(OfferForm):
    offered = "organisation_id"
    organisation_id = forms.IntegerField(label=_("转给"), min_value=1, max_value=MOST_ID)
    reason = _words(_("说明"), required=False)


class RulingForm(DeskForm):
    reason = _words(_("理由"))


class ReplyForm(DeedForm):
    reply = _words(_("退回的原因"), required=False)


class MediatorForm(OfferForm):
    offered = "account_id"
    account_id = forms.IntegerField(label=_("调解员"), min_value=1, max_value=MOST_ID)


class MannerForm(DeedForm):
    manner = choose(_("调解方式"), Manner.choices, radio=True)
    ground = choose(_("治安调解事由"), PoliceGround.choices, required=False)
    none_excludes = _tick(_("已核对没有不适用治安调解的情形"))


class CorrectForm(DeedForm):
    kind = choose(_("类型"), Kind.choices)
    level = choose(_("处理层级"), Level.choices)
    amount_yuan = forms.IntegerField(label=_("涉及金额（元）"), required=False, min_value=0, max_value=10**12)
    people_count = forms.IntegerField(label=_("涉及人数"), required=False, min_value=0, max_value=100_000)


class BeginForm(DeedForm):
    agreed = _tick(_("各方都同意调解"), _("已告知各方：可以选择调解员，可以随时不调解，可以要求不公开。"))


class TalkForm(DeedForm):
    """Notes of a session; ``key`` makes one record of however many times they are sent."""

    key = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label=_("时间"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    place_words = forms.CharField(label=_("地点"), max_length=PLACE_LIMIT, required=False)
    note_words = _words(_("笔录"), limit=NOTES_LIMIT, hint=_("加密保存，看一次验证一次，办结一年后删除。"))


class MeetingForm(OfferForm):
    """When and where to meet: a room, or in words."""

    offered = "room_id"
    starts_at = forms.DateTimeField(
        label=_("时间"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    minutes = forms.TypedChoiceField(label=_("多长"), coerce=int, choices=LENGTHS, initial=60)
    room_id = forms.IntegerField(label=_("调解室"), required=False, min_value=1, max_value=MOST_ID)
    place_words = forms.CharField(
        label=_("别的地点"), max_length=PLACE_LIMIT, required=False, help_text=_("不在调解室开的才写，当事人看得到。")
    )


class MeetingMoveForm(MeetingForm):
    reason = _words(_("理由"))


class NoShowForm(DeedForm):
    party_ids = forms.TypedMultipleChoiceField(label=_("谁没到"), coerce=int, widget=forms.CheckboxSelectMultiple)

    def offer(self, choices: Any) -> None:
        """The parties to tick."""
        self.fields["party_ids"].choices = list(choices)  # type: ignore[attr-defined]


class PaperForm(DeedForm):
    """Which paper; the fields that only one of them needs say so."""

    kind = choose(_("文书"), PaperKind.choices)
    request = _words(_("申请事项"), limit=WORDS_LIMIT, required=False, hint=_("只有申请书要写：请求调解什么。"))
    talk_id = forms.IntegerField(
        label=_("哪一次调解会"), required=False, min_value=1, max_value=MOST_ID,
        help_text=_("只有调解笔录要选；要先验证身份。"),
    )  # fmt: skip

    def offer(self, choices: Any) -> None:
        """The meetings that have notes."""
        self.fields["talk_id"].widget = forms.Select(choices=list(choices))


class SignForm(forms.Form):
    """A signature drawn on the screen, or a photograph of one."""

    party_id = forms.IntegerField(required=False, min_value=1, max_value=MOST_ID, widget=forms.HiddenInput)
    drawn = forms.CharField(required=False, max_length=400_000, widget=forms.HiddenInput)
    picture = forms.FileField(
        label=_("或者拍照上传"), required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp", "data-preview": ""}),
    )  # fmt: skip
    place_words = forms.CharField(label=_("签名地点"), max_length=PLACE_LIMIT, required=False)


class ExtendForm(DeedForm):
    until = _day(_("延长到"))
    both_agreed = _tick(_("双方都同意延长"))
    reason = _words(_("原因"))


class TermsForm(DeedForm):
    facts = _words(_("主要事实和争议"), limit=WORDS_LIMIT)
    liability = _words(_("各方责任"), limit=WORDS_LIMIT)
    terms = _words(_("协议内容"), limit=WORDS_LIMIT)
    performance = _words(_("履行方式"))
    perform_by = _day(_("履行期限"))
    oral = _tick(_("口头协议"), _("各方认为不用书面协议的，记下内容即可，从达成时生效。"))


class WithdrawForm(OfferForm):
    offered = "party_id"
    party_id = forms.IntegerField(label=_("哪一方提出"), required=False, max_value=MOST_ID)
    reason = _words(_("原因"))


class WayForm(DeedForm):
    way = choose(_("引导到"), Way.choices)
    reason = _words(_("原因"))


class CallBackForm(OfferForm):
    offered = "party_id"
    party_id = forms.IntegerField(label=_("问了哪一方"), required=False, max_value=MOST_ID)
    kept = choose(_("履行情况"), CallBack.Kept.choices)
    satisfied = forms.NullBooleanField(
        label=_("是否满意"), required=False,
        widget=forms.Select(choices=[("", _("没有问")), ("true", _("满意")), ("false", _("不满意"))]),
    )  # fmt: skip
    recurred = _tick(_("又起了纠纷"))
    words = _words(_("回访记录"), required=False)


class JoinForm(DeedForm):
    number = forms.CharField(label=_("并入哪一件（编号）"), max_length=16)


class SplitForm(DeedForm):
    texts = _words(_("拆成几件，一行一件"), limit=FACTS_LIMIT)


class RuleForm(forms.Form):
    """A rule: columns left empty fit anything."""

    place = forms.IntegerField(label=_("顺序"), min_value=0, max_value=9999, initial=100)
    kind = choose(_("类型"), Kind.choices, required=False)
    community_id = forms.TypedChoiceField(label=_("村社"), coerce=int, required=False, empty_value=None)
    amount_from = forms.IntegerField(label=_("金额不低于"), required=False, min_value=0, max_value=10**12)
    amount_below = forms.IntegerField(label=_("金额低于"), required=False, min_value=0, max_value=10**12)
    parties = forms.ChoiceField(label=_("当事人"), choices=DeskRule.Parties.choices, required=False)
    organisation_id = forms.TypedChoiceField(label=_("去向"), coerce=int)

    def __init__(self, *args: Any, bodies: Any = (), communities: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation_id"].choices = list(bodies)  # type: ignore[attr-defined]
        self.fields["community_id"].choices = [("", "—"), *communities]  # type: ignore[attr-defined]


def _several(label: Any, choices: Any, hint: Any = "", *, required: bool = True) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple, help_text=hint
    )


class ReasonsForm(DeedForm):
    """Why a dispute may turn violent: reasons from the list, and words."""

    reasons = _several(_("理由"), Reason.choices)
    words = _words(_("说明"), hint=_("发生了什么、谁听见看见。加密保存，提示到期就删除。只写这件事，不给人下结论。"))


class ProtectForm(OfferForm):
    offered = "party_id"
    steps = _several(_("保护措施"), Protection.Step.choices)
    party_id = forms.IntegerField(
        label=_("替哪一方保密住址"), required=False, max_value=MOST_ID,
        help_text=_("保密以后，只有承办的调解员和指挥长看得到住址和地点。"),
    )  # fmt: skip


class FlagForm(ReasonsForm, ProtectForm):
    """A flag, and first what is done to protect."""

    steps = _several(_("先采取的保护措施"), Protection.Step.choices, _("已经采取过的不用再选。"), required=False)
    field_order = ("steps", "party_id", "reasons", "words")


class NoFlagForm(DeedForm):
    words = _words(_("为什么不需要"))


class OptionalReasonForm(DeedForm):
    reason = _words(_("说明"), required=False)


class AskBodyForm(OfferForm):
    offered = "organisation_id"
    organisation_id = forms.IntegerField(label=_("协办单位"), min_value=1, max_value=MOST_ID)
    task = _words(_("协办任务"), hint=_("要对方做什么、给出什么意见。签收前对方只看得到这一条。"))
    due_on = _day(_("意见期限"))


class ReleaseForm(OfferForm):
    offered = "joined_id"
    joined_id = forms.IntegerField(label=_("协办单位"), min_value=1, max_value=MOST_ID)
    reason = _words(_("原因"))


class JoiningForm(DeedForm):
    joins = forms.ChoiceField(
        label=_("参加协办吗"), choices=[("yes", _("签收")), ("no", _("不参加"))], widget=forms.RadioSelect
    )
    reply = _words(_("不参加的原因"), required=False)


class OpinionForm(DeedForm):
    opinion = _words(_("协办意见"), limit=OPINION_LIMIT)


class PrecedentForm(forms.Form):
    """A precedent as it will be read by every mediator."""

    facts = _words(
        _("案情"), limit=WORDS_LIMIT, hint=_("姓名已换成身份，号码和门牌已遮住；请再读一遍，认得出人的都去掉。")
    )
    worked = _words(
        _("怎么调成的"), limit=WORDS_LIMIT, hint=_("先做什么、后做什么，哪一步起了作用；没调成的写卡在哪里。")
    )
    terms_words = _words(_("协议要点"), limit=WORDS_LIMIT, required=False)


class TrackForm(forms.Form):
    number = forms.CharField(label=_("编号"), max_length=20, help_text=_("M 开头，例：M26-000123"))
    code = forms.CharField(label=_("查询码"), max_length=20, help_text=_("8 位字母和数字，在调解员给您的告知单上。"))


class WishForm(forms.Form):
    wish = forms.ChoiceField(
        label=_("别人能不能旁听"),
        choices=[("closed", _("要求不公开")), ("open", _("可以公开"))],
        widget=forms.RadioSelect,
    )


class RateForm(forms.Form):
    """What a party says of the handling, asked by nobody who handled it."""

    satisfied = choose(_("这次调解办得怎么样"), (("yes", _("满意")), ("no", _("不满意"))), radio=True)
    words = _words(_("说说原因"), required=False, hint=_("不满意时请写一句，办理单位会看到。"))


class OwnReasonForm(forms.Form):
    reason = _words(_("说说原因"))
