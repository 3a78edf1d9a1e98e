"""The forms a unit or the desk ends an incident with: a coded result, then the feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models import Incident

OUTCOME_LIMIT = 1000


class _EndingForm(forms.Form):
    """Either form carries the version of the row it was made from."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ResultForm(_EndingForm):
    """How the matter ended on scene."""

    title: str | Promise = _("处置结果")
    verb: str | Promise = _("办结")
    disposition = forms.ChoiceField(label=_("处置方式"), choices=[("", _("请选择")), *Incident.Disposition.choices])
    outcome = forms.CharField(
        label=_("说明"), max_length=OUTCOME_LIMIT, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, version: int | None = None) -> None:
        super().__init__(data, auto_id="result-%s", initial={"version": version})


class NoteForm(forms.Form):
    """A line for the history: what was heard by radio or telephone."""

    words = forms.CharField(
        label=_("备注"), max_length=500, widget=forms.TextInput({"placeholder": _("电台或电话里听到的，记一句")})
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="note-%s")


class FeedbackForm(_EndingForm):
    """What is told to whoever reported it."""

    title: str | Promise = _("反馈")
    verb: str | Promise = _("反馈并结束")
    outcome = forms.CharField(
        label=_("处置情况"),
        max_length=OUTCOME_LIMIT,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("报警人会看到这段话，不要写其他人的姓名和住址"),
    )

    def __init__(self, data: Any = None, *, outcome: str = "", version: int | None = None) -> None:
        super().__init__(data, auto_id="feedback-%s", initial={"outcome": outcome, "version": version})
