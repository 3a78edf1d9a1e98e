"""Forms of intake: their shape only; what a value means is judged by the commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from jiean.intake.commands.rights import MAY_ASK
from jiean.intake.models import NOTE_LIMIT, PLACE_LIMIT, TEXT_LIMIT, Channel, Kind, Outcome, RightsRequest, Urgency
from jiean.kernel import geo
from jiean.kernel.errors import Invalid
from jiean.kernel.holds import REASON_LIMIT
from jiean.kernel.models import Hold
from jiean.kernel.pictures import Picture, redraw_all
from jiean.people.models import Organisation


class PicturesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several pictures, cleaned to pictures drawn anew."""

    widget = PicturesInput({"accept": "image/jpeg,image/png,image/webp", "data-preview": ""})

    def clean(self, data: Any, initial: Any = None) -> list[Picture]:
        files = [one for one in (data if isinstance(data, list | tuple) else [data]) if isinstance(one, UploadedFile)]
        try:
            return redraw_all(files)
        except Invalid as refusal:
            raise forms.ValidationError([str(words) for words in refusal.fields.values()]) from None


class PlacedForm(forms.Form):
    """What happened and where. The pin comes in the datum the page's map speaks, WGS-84 unless said otherwise."""

    text = forms.CharField(
        label=_("说说情况"),
        max_length=TEXT_LIMIT,
        error_messages={"required": _("请写一句发生了什么。")},
        widget=forms.Textarea({"rows": 5}),
        help_text=_("说清楚什么事、有几个人、有没有危险。例：楼道里堆了很多电动车电池。"),
    )
    place_words = forms.CharField(
        label=_("地点"),
        max_length=PLACE_LIMIT,
        required=False,
        help_text=_("路名、门牌、旁边的店名都可以。"),
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    datum = forms.ChoiceField(
        required=False, choices=[(code, code) for code in geo.DATUMS], widget=forms.HiddenInput, initial="wgs84"
    )
    photos = PicturesField(
        label=_("照片"), required=False, help_text=_("最多 6 张，每张 10 MB 以内。我们会去掉照片里的位置和手机信息。")
    )
    name = forms.CharField(label=_("怎么称呼您"), max_length=40, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=20, required=False, widget=forms.TextInput({"type": "tel", "inputmode": "tel"})
    )
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def point(self) -> tuple[float | None, float | None]:
        """The pin in WGS-84, or none. A half or impossible pin is passed on for the command to refuse."""
        lon, lat = self.cleaned_data.get("lon"), self.cleaned_data.get("lat")
        if lon is None or lat is None or not geo.on_globe(lon, lat):
            return lon, lat
        return geo.to_wgs84(lon, lat, self.cleaned_data.get("datum") or "wgs84")

    def clean_phone(self) -> str:
        words: str = self.cleaned_data["phone"].strip()
        if words and not (5 <= sum(sign.isdigit() for sign in words) <= 15 and set(words) <= set("+-() 0123456789")):
            raise forms.ValidationError(_("电话号码格式不对。不想留可以空着。"))
        return words


class EntryForm(PlacedForm):
    """The desk's own entry."""

    name = forms.CharField(label=_("上报人姓名"), max_length=40, required=False)

    channel = forms.ChoiceField(
        label=_("来源"),
        choices=[(one.value, one.label) for one in (Channel.DESK_PHONE, Channel.DESK_WALKIN, Channel.PARTNER)],
        initial=Channel.DESK_PHONE,
        widget=forms.RadioSelect,
    )


class TrackForm(forms.Form):
    number = forms.CharField(label=_("编号"), max_length=20, help_text=_("B 开头，例：B26-000123"))
    code = forms.CharField(label=_("查询码"), max_length=20, help_text=_("8 位字母和数字，上报成功时给您的。"))


class SupplementForm(forms.Form):
    text = forms.CharField(
        label=_("补充一句"), max_length=NOTE_LIMIT, required=False, widget=forms.Textarea({"rows": 3})
    )
    photos = PicturesField(label=_("补充照片"), required=False)


class RatingForm(forms.Form):
    satisfied = forms.ChoiceField(
        label=_("这件事办得怎么样"), choices=[("yes", _("满意")), ("no", _("不满意"))], widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("说说原因"), max_length=NOTE_LIMIT, required=False, help_text=_("不满意时请写一句，我们会再看。")
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=NOTE_LIMIT)


class VersionedForm(forms.Form):
    """A form on a row somebody else may have changed meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class TriageForm(VersionedForm):
    kind = forms.ChoiceField(label=_("类型"), choices=Kind.choices)
    urgency = forms.TypedChoiceField(label=_("级别"), choices=Urgency.choices, coerce=int)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)


class ReferForm(VersionedForm):
    """Where to; made with the destinations when it is shown, checked by the command when it is sent."""

    organisation_id = forms.IntegerField(label=_("转给"), min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(label=_("说明"), max_length=NOTE_LIMIT, required=False)

    def __init__(self, *args: Any, bodies: Sequence[Organisation] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(bodies)

    def offer(self, bodies: Sequence[Organisation]) -> None:
        """Put the destinations into the list to choose from."""
        self.fields["organisation_id"].widget = forms.Select(choices=[(body.pk, body.name) for body in bodies])


class RejectForm(VersionedForm):
    reason = forms.CharField(label=_("不受理的原因（上报人会看到）"), max_length=NOTE_LIMIT)


class AnswerForm(VersionedForm):
    outcome = forms.ChoiceField(label=_("结果"), choices=Outcome.choices)
    answer = forms.CharField(label=_("给上报人的话"), max_length=NOTE_LIMIT, required=False)


class HoldForm(forms.Form):
    """Why nothing of a matter may be erased, and the day that is looked at again."""

    ground = forms.ChoiceField(label=_("留存依据"), choices=Hold.Ground.choices)
    reason = forms.CharField(label=_("说明（只给指挥长看）"), max_length=REASON_LIMIT)
    review_on = forms.DateField(
        label=_("最迟复查"), widget=forms.DateInput({"type": "date"}), help_text=_("90 天以内的一天。")
    )


class SplitForm(forms.Form):
    texts = forms.CharField(label=_("拆成几件，一行一件"), max_length=TEXT_LIMIT, widget=forms.Textarea({"rows": 3}))


class ReplyForm(VersionedForm):
    reply = forms.CharField(label=_("回复"), max_length=NOTE_LIMIT, required=False)


class CorrectForm(forms.Form):
    """What is wrong and how it should read. A right name or number goes into its own field and is sealed at once."""

    about = forms.ChoiceField(
        label=_("哪一项记错了"),
        choices=[(one.value, one.label) for one in MAY_ASK[RightsRequest.Kind.CORRECT]],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("应该怎么写"), max_length=NOTE_LIMIT, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("更正内容或地点时填写。您原来说的会留着，更正写在旁边。"),
    )  # fmt: skip
    name = forms.CharField(label=_("正确的称呼"), max_length=40, required=False)
    phone = forms.CharField(
        label=_("正确的电话"), max_length=20, required=False, widget=forms.TextInput({"type": "tel", "inputmode": "tel"}),
        help_text=_("更正联系方式时填写。"),
    )  # fmt: skip


class ObjectForm(forms.Form):
    about = forms.ChoiceField(
        label=_("不同意继续保存"),
        choices=[(one.value, one.label) for one in MAY_ASK[RightsRequest.Kind.OBJECT]],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("说说原因"), max_length=NOTE_LIMIT, required=False, widget=forms.Textarea({"rows": 2})
    )


class RightsAnswerForm(VersionedForm):
    done = forms.ChoiceField(
        label=_("怎么答复"), choices=[("yes", _("照办")), ("no", _("不照办"))], widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label=_("不照办的理由"), choices=[("", "—"), *RightsRequest.Ground.choices], required=False
    )
    answer = forms.CharField(
        label=_("给上报人的话"), max_length=NOTE_LIMIT, required=False, help_text=_("不照办时必须写明，上报人会看到。")
    )
