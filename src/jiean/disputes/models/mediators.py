"""Who can mediate: the register, certificates, teams; and, of one dispute alone, who stands back from it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import NOTE_LIMIT, Dispute, Kind
from jiean.disputes.models.parties import Party
from jiean.grid.models import Premises
from jiean.kernel.drafts import Draft
from jiean.kernel.models import Record

NAME_LIMIT = 60


class Dialect(models.TextChoices):
    """What is spoken at the table besides the standard language. Languages that tell a person's ethnicity are not in the list."""

    WENZHOU = "wenzhou", _("温州话")
    TAIZHOU = "taizhou", _("台州话")
    NINGBO = "ningbo", _("宁波话")
    HANGZHOU = "hangzhou", _("杭州话")
    SHAOXING = "shaoxing", _("绍兴话")
    SHANGHAI = "shanghai", _("上海话")
    JIANGHUAI = "jianghuai", _("江淮话")
    HOKKIEN = "hokkien", _("闽南话")
    CANTONESE = "cantonese", _("粤语")
    HAKKA = "hakka", _("客家话")
    XIANG = "xiang", _("湖南话")
    GAN = "gan", _("江西话")
    HUBEI = "hubei", _("湖北话")
    SICHUAN = "sichuan", _("四川话")
    GUIZHOU = "guizhou", _("贵州话")
    YUNNAN = "yunnan", _("云南话")
    HENAN = "henan", _("河南话")
    SHANDONG = "shandong", _("山东话")
    SHAANXI = "shaanxi", _("陕西话")
    NORTHEAST = "northeast", _("东北话")
    SIGN = "sign", _("手语")


class Province(models.TextChoices):
    """Provinces by the first two digits of the national code (GB/T 2260)."""

    BEIJING = "11", _("北京")
    TIANJIN = "12", _("天津")
    HEBEI = "13", _("河北")
    SHANXI = "14", _("山西")
    INNER_MONGOLIA = "15", _("内蒙古")
    LIAONING = "21", _("辽宁")
    JILIN = "22", _("吉林")
    HEILONGJIANG = "23", _("黑龙江")
    SHANGHAI = "31", _("上海")
    JIANGSU = "32", _("江苏")
    ZHEJIANG = "33", _("浙江")
    ANHUI = "34", _("安徽")
    FUJIAN = "35", _("福建")
    JIANGXI = "36", _("江西")
    SHANDONG = "37", _("山东")
    HENAN = "41", _("河南")
    HUBEI = "42", _("湖北")
    HUNAN = "43", _("湖南")
    GUANGDONG = "44", _("广东")
    GUANGXI = "45", _("广西")
    HAINAN = "46", _("海南")
    CHONGQING = "50", _("重庆")
    SICHUAN = "51", _("四川")
    GUIZHOU = "52", _("贵州")
    YUNNAN = "53", _("云南")
    TIBET = "54", _("西藏")
    SHAANXI = "61", _("陕西")
    GANSU = "62", _("甘肃")
    QINGHAI = "63", _("青海")
    NINGXIA = "64", _("宁夏")
    XINJIANG = "65", _("新疆")
    TAIWAN = "71", _("台湾")
    HONG_KONG = "81", _("香港")
    MACAO = "82", _("澳门")


class Calling(models.TextChoices):
    """As what somebody sits at the table of mediation."""

    PEOPLE = "people", _("人民调解员")
    CLERK = "clerk", _("司法助理员")
    OFFICER = "officer", _("社区民警")
    COUNSELLOR = "counsellor", _("心理咨询师")
    LAWYER = "lawyer", _("律师")


class Profile(Record):
    """One mediator of the register. The account is people's; days are 0 for Monday to 6, hours on the station's clock."""

    account_id = models.BigIntegerField(_("账号"), unique=True)
    calling = models.CharField(_("身份"), max_length=10, choices=Calling, default=Calling.PEOPLE)
    dialects = ArrayField(models.CharField(max_length=10, choices=Dialect), verbose_name=_("会说的方言"), default=list)
    home_province = models.CharField(_("家乡省份"), max_length=2, choices=Province, blank=True)
    kinds = ArrayField(models.CharField(max_length=10, choices=Kind), verbose_name=_("调解专长"), default=list)
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("值守日"), default=list)
    from_hour = models.PositiveSmallIntegerField(_("从几点"), default=9)
    to_hour = models.PositiveSmallIntegerField(_("到几点"), default=17)
    most_cases = models.PositiveSmallIntegerField(_("最多同时几件"), default=8)
    base = models.ForeignKey(
        Premises, verbose_name=_("常驻地点"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    appointed_until = models.DateField(_("聘期至"), null=True, blank=True)
    active = models.BooleanField(_("在册"), default=True)

    class Meta:
        verbose_name = _("调解员")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_hour__lt=models.F("to_hour"), to_hour__lte=24), name="disputes_mediator_hours"
            ),
            models.CheckConstraint(condition=Q(most_cases__gte=1), name="disputes_mediator_takes_one"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}"


class Certificate(Record):
    """A certificate of a mediator; without a last day it does not lapse."""

    mediator = models.ForeignKey(
        Profile, verbose_name=_("调解员"), on_delete=models.CASCADE, related_name="certificates"
    )
    name = models.CharField(_("证书"), max_length=NAME_LIMIT)
    expires_on = models.DateField(_("有效期至"), null=True, blank=True)

    class Meta:
        verbose_name = _("调解员证书")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["mediator", "name"], name="disputes_certificate_once")]

    def __str__(self) -> str:
        return self.name


class Team(Record):
    """People of several callings who sit at a table together."""

    name = models.CharField(_("团队"), max_length=NAME_LIMIT, unique=True)
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("调解团队")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamMember(Record):
    """Somebody in a team, and as what."""

    team = models.ForeignKey(Team, verbose_name=_("调解团队"), on_delete=models.CASCADE, related_name="members")
    account_id = models.BigIntegerField(_("账号"))
    calling = models.CharField(_("身份"), max_length=10, choices=Calling)

    class Meta:
        verbose_name = _("团队成员")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["team", "account_id"], name="disputes_in_team_once")]

    def __str__(self) -> str:
        return f"{self.team_id} {self.account_id}"


class Seat(Record):
    """Somebody of a team at the table of one dispute, beside its mediator; who has left it sees no more of it."""

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="seats")
    account_id = models.BigIntegerField(_("账号"))
    calling = models.CharField(_("身份"), max_length=10, choices=Calling)
    team = models.ForeignKey(Team, verbose_name=_("调解团队"), null=True, on_delete=models.SET_NULL, related_name="+")
    left_at = models.DateTimeField(_("离开时间"), null=True)

    class Meta:
        verbose_name = _("调解席位")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["dispute", "account_id"], name="disputes_seated_once")]
        indexes = [models.Index(fields=["account_id"], condition=Q(left_at=None), name="disputes_seats_of")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.account_id}"


class Recusal(Record):
    """That somebody does not mediate one dispute: they said so, or a party did. It says nothing of any other dispute."""

    class By(models.TextChoices):
        MEDIATOR = "mediator", _("本人回避")
        PARTY = "party", _("当事人不同意")

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="recusals")
    account_id = models.BigIntegerField(_("账号"))
    by = models.CharField(_("谁提出"), max_length=8, choices=By)
    party = models.ForeignKey(Party, verbose_name=_("当事人"), null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("原因"), max_length=NOTE_LIMIT, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("回避")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "account_id", "by"], name="disputes_recused_once"),
            models.CheckConstraint(
                condition=Q(by="mediator", party=None) | Q(by="party"), name="disputes_recusal_whose"
            ),
        ]
        indexes = [models.Index(fields=["account_id", "dispute"], name="disputes_recusals_of")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.account_id}"


class MediatorDraft(Draft):
    """A table of mediators read from a file, shown to the one who brought it, and adopted whole or not at all."""

    class Meta:
        verbose_name = _("调解员导入稿")
