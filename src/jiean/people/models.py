"""Tables of staff. Every tie is dated: nobody's past is overwritten when they move on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from jiean.grid.models import Cell
from jiean.kernel import clocks
from jiean.kernel.actor import PERSONAL_ROLES
from jiean.kernel.drafts import Draft
from jiean.kernel.models import Record

ISSUED_LASTS = dt.timedelta(hours=72)
"""So long a password given by the office signs in, and only to be changed: over a weekend."""
ROLE_CHOICES = [(role.value, role.label) for role in PERSONAL_ROLES]


def _dated(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")), name=f"{prefix}_dated"
    )


class Organisation(Record):
    """A body matters are referred to or accounts work for; destinations are the 7+1, configurable by the station."""

    class Kind(models.TextChoices):
        DESTINATION = "destination", _("分流去向")
        POLICE = "police", _("公安")
        PARTNER = "partner", _("联盟单位")

    code = models.CharField(_("编码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind, default=Kind.DESTINATION)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("单位")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """What django.contrib.auth and allauth ask of a manager; accounts are made by the command ``create_account``."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(Record, AbstractBaseUser):
    """One person's sign-in. ``active_role`` is the role a new session starts in; a session may hold another one."""

    username = models.CharField(_("用户名"), max_length=40, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("姓名"), max_length=40)
    pinyin = models.CharField(_("拼音"), max_length=240, blank=True)
    phone = models.CharField(_("工作电话"), max_length=20, blank=True)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("单位"), null=True, blank=True, on_delete=models.PROTECT, related_name="accounts"
    )
    active_role = models.CharField(_("当前角色"), max_length=3, choices=ROLE_CHOICES, blank=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    password_issued_at = models.DateTimeField(_("初始密码发出时间"), null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = AccountManager()

    class Meta:
        verbose_name = _("账号")
        ordering = ["pinyin", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_password_spent(self) -> bool:
        """Whether the password the office gave was not changed in time."""
        given = self.password_issued_at
        return given is not None and clocks.now() - given > ISSUED_LASTS

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class RoleHolding(Record):
    """That an account holds a role. In force from ``since`` to ``until``, and only once a second person confirmed it."""

    account = models.ForeignKey(Account, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="role_holdings")
    role = models.CharField(_("角色"), max_length=3, choices=ROLE_CHOICES)
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"), null=True, blank=True)
    given_by_id = models.BigIntegerField(_("授予人"), null=True)
    confirmed_by_id = models.BigIntegerField(_("确认人"), null=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)

    class Meta:
        verbose_name = _("持有角色")
        constraints = [
            _dated("people_role_holding"),
            models.UniqueConstraint(
                fields=["account", "role"], condition=models.Q(until__isnull=True), name="people_role_held_once"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by_id__isnull=True) | ~models.Q(confirmed_by_id=models.F("given_by_id")),
                name="people_role_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role}"


class Duty(Record):
    """An account answers for a cell. A cover names the duty it stands in for, and the hand-over note."""

    class Kind(models.TextChoices):
        OFFICER = "officer", _("网格民警")
        WORKER = "worker", _("社工·网格员")
        COVER = "cover", _("代班")

    account = models.ForeignKey(Account, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="duties")
    cell = models.ForeignKey(Cell, verbose_name=_("网格"), on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(_("职责"), max_length=8, choices=Kind)
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"), null=True, blank=True)
    covers = models.ForeignKey(
        "self", verbose_name=_("代班对象"), null=True, blank=True, on_delete=models.PROTECT, related_name="covered_by"
    )
    note = models.CharField(_("交接说明"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("职责")
        constraints = [
            _dated("people_duty"),
            models.UniqueConstraint(
                fields=["account", "cell", "kind"], condition=models.Q(until__isnull=True), name="people_duty_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cover", covers__isnull=False)
                | (~models.Q(kind="cover") & models.Q(covers=None)),
                name="people_cover_covers",
            ),
        ]
        indexes = [models.Index(fields=["cell", "since"], name="people_duty_of_cell")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.cell_id} {self.kind}"


class Absence(Record):
    """Days an account is away; while it lasts its covers answer first."""

    class Reason(models.TextChoices):
        LEAVE = "leave", _("休假")
        TRAINING = "training", _("培训")
        SECONDED = "seconded", _("抽调")
        SICK = "sick", _("病假")
        OTHER = "other", _("其他")

    account = models.ForeignKey(Account, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="absences")
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"))
    reason = models.CharField(_("事由"), max_length=10, choices=Reason, default=Reason.OTHER)

    class Meta:
        verbose_name = _("离岗")
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="people_absence_dated")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.since:%F}"


class Message(models.Model):
    """A notice to one account: a code that names its words and the matter it is about, nothing personal."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("收件人"), on_delete=models.CASCADE, related_name="messages"
    )
    code = models.CharField(_("类型"), max_length=60)
    subject_kind = models.CharField(_("事项种类"), max_length=60, blank=True)
    subject_id = models.BigIntegerField(_("事项"), null=True)
    body_code = models.CharField(_("内容"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("时间"), db_default=Now())
    read_at = models.DateTimeField(_("已读时间"), null=True)

    class Meta:
        verbose_name = _("消息")
        indexes = [
            models.Index(fields=["account", "-id"], name="people_unread", condition=models.Q(read_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.code


class Sitting(AbstractBaseSession):
    """A session's row: what Django keeps, and beside it whose it is, where it began and when it was last used.

    ``expire_date`` holds both ends, the idle one and the last one, so that whoever asks for it knows both.
    """

    number = models.CharField(_("编号"), max_length=16, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("账号"), null=True, on_delete=models.CASCADE, related_name="sittings"
    )
    terminal = models.CharField(_("设备"), max_length=40, blank=True)
    network = models.CharField(_("网络"), max_length=49, blank=True)
    began_at = models.DateTimeField(_("登录时间"), null=True)
    seen_at = models.DateTimeField(_("最近使用"), null=True)
    elsewhere = models.BooleanField(_("有新的登录未告知"), default=False)

    class Meta:
        verbose_name = _("登录")
        indexes = [models.Index(fields=["account", "began_at"], name="people_sitting_of_account")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from jiean.people.store import SessionStore  # noqa: PLC0415 — the store names this model

        return SessionStore


class Remembered(models.Model):
    """A row of Django's cache in the database: its columns are the library's, its names are ours (see ``remembered``)."""

    cache_key = models.CharField(_("名称"), max_length=255, primary_key=True)
    value = models.CharField(_("内容"), max_length=4000)
    expires = models.DateTimeField(_("到期"), db_index=True)

    class Meta:
        verbose_name = _("短时记录")

    def __str__(self) -> str:
        return self.cache_key


class StaffDraft(Draft):
    """A table of staff read from a file, shown to the one who brought it, and adopted whole or not at all."""

    class Meta:
        verbose_name = _("人员导入稿")
