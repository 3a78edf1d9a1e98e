"""The kernel's own tables: events and what reacted to them, transitions, deadlines, audit, idempotency keys."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jiean.kernel.actor import Role


class Record(models.Model):
    """What every row of a room carries: when it came, when it last changed, and the version a stale save is judged by."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    class Meta:
        abstract = True


class TransactionId(Func):
    """The 64-bit id of the running transaction, for an ordered reader's horizon."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    arity = 0


class TransactionIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """A column of PostgreSQL's ``xid8``, filled by the database, read only in SQL."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class Event(models.Model):
    """One fact told upstairs: the outbox. A trigger sends NOTIFY at commit; readers go by (txid, id)."""

    id = models.BigAutoField(primary_key=True)
    txid = TransactionIdField(db_default=TransactionId(), editable=False)
    name = models.CharField(_("名称"), max_length=80)
    subject_id = models.BigIntegerField(_("事项"))
    cell_id = models.BigIntegerField(_("网格"), null=True)
    account_ids = models.JSONField(_("送达账号"), default=list)
    data = models.JSONField(_("内容"), default=dict)
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("事件")
        indexes = [
            models.Index(fields=["txid", "id"], name="event_in_order"),
            models.Index(fields=["at"], name="event_at"),
        ]


class EventReaction(models.Model):
    """That a reaction to an event has taken effect; the row makes it count once."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    reaction = models.CharField(_("反应"), max_length=120)
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("事件反应")
        constraints = [models.UniqueConstraint(fields=["event", "reaction"], name="reaction_once")]


class Transition(models.Model):
    """One line of a matter's history: a move of its state, or a note that moved nothing.

    ``at`` is when the station had it. What was done on a device without a network also has ``device_at``, as its clock said, and
    ``made_at``, the same moment on the station's clock; see ``kernel/device_time.py``.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("事项种类"), max_length=60)
    subject_id = models.BigIntegerField(_("事项"))
    from_state = models.CharField(_("原状态"), max_length=32, blank=True)
    to_state = models.CharField(_("新状态"), max_length=32)
    code = models.CharField(_("动作"), max_length=60, blank=True)
    at = models.DateTimeField(_("时间"))
    role = models.CharField(_("角色"), max_length=3, choices=Role.choices)
    account_id = models.BigIntegerField(_("账号"), null=True)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    detail = models.JSONField(_("细节"), default=dict, blank=True)
    device_at = models.DateTimeField(_("设备时间"), null=True, blank=True)
    made_at = models.DateTimeField(_("操作时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("流转记录")
        indexes = [
            models.Index(fields=["kind", "subject_id", "id"], name="transition_of_subject"),
            models.Index(fields=["at"], condition=models.Q(device_at__isnull=False), name="transition_late"),
        ]


class Deadline(models.Model):
    """A due time frozen with its rule when the clock started."""

    class State(models.TextChoices):
        RUNNING = "running", _("计时中")
        SUSPENDED = "suspended", _("已中止")
        STOPPED = "stopped", _("已结束")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("事项种类"), max_length=60)
    subject_id = models.BigIntegerField(_("事项"))
    code = models.CharField(_("时限"), max_length=60)
    name = models.CharField(_("名称"), max_length=80)
    amount = models.PositiveIntegerField(_("数量"))
    unit = models.CharField(_("单位"), max_length=16)
    source = models.CharField(_("依据"), max_length=200)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(_("起算时间"))
    due_at = models.DateTimeField(_("到期时间"))
    suspended_at = models.DateTimeField(_("中止时间"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    history = models.JSONField(_("变更"), default=list, blank=True)

    class Meta:
        verbose_name = _("时限")
        indexes = [
            models.Index(fields=["kind", "subject_id"], name="deadline_of_subject"),
            models.Index(fields=["due_at"], name="deadline_running", condition=models.Q(state="running")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "code"], condition=~models.Q(state="stopped"), name="deadline_runs_once"
            )
        ]


class IdempotencyKey(models.Model):
    """A key a client gave to a deed: the same key and body get the same answer, another body is a conflict."""

    scope = models.CharField(_("范围"), max_length=160)
    key = models.CharField(_("键"), max_length=80)
    body_hash = models.CharField(_("内容摘要"), max_length=64)
    answer = models.JSONField(_("答复"), null=True)
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("幂等键")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["at"], name="idempotency_at")]


class WrongGuesses(models.Model):
    """How many wrong codes came from a caller since ``began_at``; the caller by a keyed mark, see ``kernel/guesses.py``."""

    caller = models.CharField(_("来源标记"), max_length=64, primary_key=True)
    wrong = models.PositiveIntegerField(_("错误次数"))
    began_at = models.DateTimeField(_("开始时间"))

    class Meta:
        verbose_name = _("查询码试错")
        indexes = [models.Index(fields=["began_at"], name="wrong_guesses_at")]


class AuditEntry(models.Model):
    """Who did or looked at what, when, in which role and for which purpose: names of fields, never values. Insert only."""

    class Outcome(models.TextChoices):
        DONE = "done", _("完成")
        REFUSED = "refused", _("拒绝")

    id = models.BigAutoField(primary_key=True)
    txid = TransactionIdField(db_default=TransactionId(), editable=False)
    at = models.DateTimeField(_("时间"))
    action = models.CharField(_("动作"), max_length=80)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices)
    role = models.CharField(_("角色"), max_length=3, choices=Role.choices)
    account_id = models.BigIntegerField(_("账号"), null=True)
    device = models.CharField(_("终端"), max_length=40, blank=True)
    subject_kind = models.CharField(_("事项种类"), max_length=60, blank=True)
    subject_id = models.BigIntegerField(_("事项"), null=True)
    purpose = models.CharField(_("目的"), max_length=24, blank=True)
    details = models.JSONField(_("参数"), default=dict)

    class Meta:
        verbose_name = _("审计记录")
        indexes = [
            models.Index(fields=["txid", "id"], name="audit_in_order"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_of_subject"),
            models.Index(fields=["account_id", "at"], name="audit_of_account"),
        ]


class AuditLink(models.Model):
    """One link of the station's hash chain: the digest of an entry and of the link before it. Insert only."""

    seq = models.BigIntegerField(_("序号"), primary_key=True)
    entry_id = models.BigIntegerField(_("审计记录"), unique=True)
    entry_txid = models.BigIntegerField(_("事务"))
    digest = models.CharField(_("摘要"), max_length=64)
    sealed_at = models.DateTimeField(_("封存时间"))

    class Meta:
        verbose_name = _("审计链")


class Erasure(models.Model):
    """That a matter, or a part of it, was erased: kind and number, no content. Insert only; see ``kernel/erasures.py``."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("事项种类"), max_length=60)
    subject_id = models.BigIntegerField(_("事项"))
    scope = models.CharField(_("部分"), max_length=12)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("删除记录")
        indexes = [models.Index(fields=["at"], name="erasure_at")]


class Hold(models.Model):
    """A legal hold on a matter: nothing of it is erased while ``lifted_at`` is empty; see ``kernel/holds.py``."""

    class Ground(models.TextChoices):
        """Why it must be kept (PIPL, article 47: where the law asks, only keeping goes on)."""

        COURT = "court", _("诉讼或仲裁需要")
        CASE = "case", _("案件办理需要")
        COMPLAINT = "complaint", _("投诉或复核未结")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("事项种类"), max_length=60)
    subject_id = models.BigIntegerField(_("事项"))
    ground = models.CharField(_("依据"), max_length=10, choices=Ground)
    reason = models.CharField(_("说明"), max_length=300)
    role = models.CharField(_("角色"), max_length=3, choices=Role.choices)
    account_id = models.BigIntegerField(_("账号"), null=True)
    placed_at = models.DateTimeField(_("留存时间"))
    review_at = models.DateTimeField(_("复查时间"))
    lifted_at = models.DateTimeField(_("解除时间"), null=True)

    class Meta:
        verbose_name = _("依法留存")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], condition=models.Q(lifted_at__isnull=True), name="hold_stands_once"
            )
        ]

    @property
    def is_overdue(self) -> bool:
        """Whether the day it should have been looked at again has passed."""
        return self.review_at < timezone.now()


class Passage(models.Model):
    """A text kept to be searched: whose it is and how long; the words are its room's. See ``kernel/library.py``."""

    id = models.BigAutoField(primary_key=True)
    collection = models.CharField(_("文集"), max_length=24)
    subject_id = models.BigIntegerField(_("编号"))
    length = models.PositiveSmallIntegerField(_("长度"))

    class Meta:
        verbose_name = _("检索文本")
        constraints = [models.UniqueConstraint(fields=["collection", "subject_id"], name="passage_of_subject")]


class Posting(models.Model):
    """Which passages of one segment hold a term, how often and with what weight, packed (uint32, uint8, float16)."""

    id = models.BigAutoField(primary_key=True)
    collection = models.CharField(_("文集"), max_length=24)
    term = models.IntegerField(_("字词"))
    segment = models.IntegerField(_("段"))
    passages = models.BinaryField(_("文本"))
    counts = models.BinaryField(_("次数"))
    weights = models.BinaryField(_("权重"))

    class Meta:
        verbose_name = _("检索条目")
        indexes = [models.Index(fields=["collection", "term"], name="posting_of_term")]
