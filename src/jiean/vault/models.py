"""Tables of the vault: ciphertext, a mask made at sealing, and keyed digests. Nothing here reads without the station key."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record
from jiean.vault.purposes import Purpose

__all__ = [
    "Glass",
    "Kind",
    "LookUp",
    "LookUpQuestion",
    "MatterKey",
    "MatterKind",
    "Purpose",
    "SealedRecord",
    "WordMarks",
]


class MatterKind(models.TextChoices):
    """What a record may belong to."""

    REPORT = "report", _("上报")
    INCIDENT = "incident", _("警情")
    DISPUTE = "dispute", _("矛盾纠纷")
    HAZARD = "hazard", _("隐患")
    TENANCY = "tenancy", _("租住")


class Kind(models.TextChoices):
    """In which role a human stands in a matter; look-up never crosses kinds."""

    REPORTER = "reporter", _("上报人")
    PARTY = "party", _("当事人")
    OCCUPANT = "occupant", _("居住人员")
    LANDLORD = "landlord", _("房东")
    CONTACT = "contact", _("联系人")


class MatterKey(Record):
    """The data key of one matter, wrapped by the station key ``key_id``. Destroying it makes every copy of the records unreadable."""

    matter_kind = models.CharField(_("事项种类"), max_length=12, choices=MatterKind)
    matter_id = models.BigIntegerField(_("事项"))
    key_id = models.CharField(_("密钥编号"), max_length=16)
    wrapped = models.BinaryField(_("密封的数据密钥"))

    class Meta:
        verbose_name = _("事项密钥")
        constraints = [models.UniqueConstraint(fields=["matter_kind", "matter_id"], name="vault_key_of_matter")]
        indexes = [models.Index(fields=["key_id"], name="vault_key_id")]

    def __str__(self) -> str:
        return f"{self.matter_kind} {self.matter_id}"


class SealedRecord(Record):
    """One human in one role in one matter. ``masked`` is what a list may show; ``digests`` answer exact look-ups."""

    matter_key = models.ForeignKey(
        MatterKey, verbose_name=_("事项密钥"), on_delete=models.CASCADE, related_name="records"
    )
    kind = models.CharField(_("身份"), max_length=12, choices=Kind)
    matter_kind = models.CharField(_("事项种类"), max_length=12, choices=MatterKind)
    matter_id = models.BigIntegerField(_("事项"))
    nonce = models.BinaryField(_("随机数"), max_length=12)
    ciphertext = models.BinaryField(_("密文"))
    masked = models.JSONField(_("遮蔽内容"), default=dict)
    digests = ArrayField(models.CharField(max_length=43), verbose_name=_("摘要"), default=list)

    class Meta:
        verbose_name = _("密封记录")
        indexes = [
            models.Index(fields=["matter_kind", "matter_id"], name="vault_record_of_matter"),
            GinIndex(fields=["digests"], name="vault_record_digests"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WordMarks(models.Model):
    """What a matter's text can be found by: keyed digests of its signs and pairs of signs. The rooms' triggers erase it with the matter."""

    id = models.BigAutoField(primary_key=True)
    matter_kind = models.CharField(_("事项种类"), max_length=12, choices=MatterKind)
    matter_id = models.BigIntegerField(_("事项"))
    marks = ArrayField(models.IntegerField(), verbose_name=_("字词摘要"))

    class Meta:
        verbose_name = _("字词索引")
        constraints = [models.UniqueConstraint(fields=["matter_kind", "matter_id"], name="vault_words_of_matter")]
        indexes = [GinIndex(fields=["marks"], name="vault_words", gin_pending_list_limit=1024)]

    def __str__(self) -> str:
        return f"{self.matter_kind} {self.matter_id}"


class LookUp(models.Model):
    """That an account looked somebody up; of whom is nowhere kept."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField(_("账号"))
    at = models.DateTimeField(_("时间"))
    purpose = models.CharField(_("目的"), max_length=12, choices=Purpose)

    class Meta:
        verbose_name = _("查人记录")
        indexes = [models.Index(fields=["account_id", "at"], name="vault_look_ups")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%F %T}"


class LookUpQuestion(Record):
    """What a supervisor is asked when somebody looks up many people. Nobody answers their own."""

    class Reason(models.TextChoices):
        HOUR = "hour", _("一小时内查人较多")
        DAY = "day", _("一天内查人较多")
        STOP = "stop", _("一天内查人过多，已停")

    account_id = models.BigIntegerField(_("账号"))
    reason = models.CharField(_("原因"), max_length=4, choices=Reason)
    asked_at = models.DateTimeField(_("提出时间"))
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by_id = models.BigIntegerField(_("答复人"), null=True)
    allowed = models.BooleanField(_("可以继续"), null=True)

    class Meta:
        verbose_name = _("查人询问")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_by_id=None) | ~models.Q(answered_by_id=models.F("account_id")),
                name="vault_look_ups_two_people",
            )
        ]
        indexes = [models.Index(fields=["account_id", "asked_at"], name="vault_look_up_questions")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.reason}"


class Glass(Record):
    """One matter opened by somebody who does not hold it, because a life is in danger; judged by an auditor afterwards."""

    class Verdict(models.TextChoices):
        RIGHT = "right", _("确有必要")
        WRONG = "wrong", _("没有必要")

    account_id = models.BigIntegerField(_("账号"))
    role = models.CharField(_("角色"), max_length=3)
    matter_kind = models.CharField(_("事项种类"), max_length=12, choices=MatterKind)
    matter_id = models.BigIntegerField(_("事项"))
    number = models.CharField(_("编号"), max_length=20)
    reason = models.CharField(_("理由"), max_length=500)
    started_at = models.DateTimeField(_("开始"))
    until = models.DateTimeField(_("到"))
    hidden_until = models.DateTimeField(_("此前不告诉本人"), null=True)
    verdict = models.CharField(_("审核结论"), max_length=5, choices=Verdict, blank=True)
    review_note = models.CharField(_("审核说明"), max_length=500, blank=True)
    reviewed_at = models.DateTimeField(_("审核时间"), null=True)
    reviewed_by_id = models.BigIntegerField(_("审核人"), null=True)
    shouted_at = models.DateTimeField(_("催办时间"), null=True)

    class Meta:
        verbose_name = _("紧急打开")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by_id=None) | ~models.Q(reviewed_by_id=models.F("account_id")),
                name="vault_glass_two_people",
            ),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("started_at")), name="vault_glass_ends"),
        ]
        indexes = [
            models.Index(fields=["matter_kind", "matter_id", "account_id"], name="vault_glass_of_matter"),
            models.Index(fields=["started_at"], condition=models.Q(reviewed_at=None), name="vault_glass_unreviewed"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.matter_kind} {self.matter_id}"
