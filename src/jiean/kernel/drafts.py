"""What was read from a file and waits for a person: adopted whole, or not at all."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.kernel.workflow import Workflow


class Draft(Record):
    """An import shown to the one who brought it before anything is written. Each room that imports has a table of its own."""

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("待确认")
        ADOPTED = "ADOPTED", _("已导入")
        DROPPED = "DROPPED", _("已放弃")

    WORKFLOW = Workflow({State.PROPOSED: {State.ADOPTED, State.DROPPED}})

    account_id = models.BigIntegerField(_("提交人"), null=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.PROPOSED)
    plan = models.JSONField(_("内容"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}"
