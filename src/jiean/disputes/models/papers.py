"""Papers of a dispute: numbered by year without gaps, each edition kept, its content sealed; and who signed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models.disputes import PLACE_LIMIT, Dispute
from jiean.disputes.models.endings import Agreement, Talk
from jiean.disputes.models.parties import Party
from jiean.kernel.models import Record


class PaperKind(models.TextChoices):
    """Which paper it is; each kind has a series of its own."""

    APPLICATION = "application", _("调解申请书")
    ACCEPTANCE = "acceptance", _("受理告知书")
    RECORD = "record", _("调解笔录")
    AGREEMENT = "agreement", _("调解协议书")
    ORAL = "oral", _("口头协议登记表")
    FAILURE = "failure", _("调解不成告知书")
    CONFIRMATION = "confirm", _("司法确认申请书")
    CALL_BACK = "call_back", _("回访记录表")
    COVER = "cover", _("卷宗封面")
    INDEX = "index", _("卷内目录")


_LETTERS = {
    PaperKind.APPLICATION: "申", PaperKind.ACCEPTANCE: "受", PaperKind.RECORD: "笔", PaperKind.AGREEMENT: "协",
    PaperKind.ORAL: "口", PaperKind.FAILURE: "终", PaperKind.CONFIRMATION: "确", PaperKind.CALL_BACK: "访",
    PaperKind.COVER: "卷", PaperKind.INDEX: "目",
}  # fmt: skip


class PaperSeries(models.Model):
    """The last number taken in a year; taken under lock in the paper's own transaction, so that none is skipped."""

    kind = models.CharField(_("文书"), max_length=12, choices=PaperKind)
    year = models.PositiveSmallIntegerField(_("年度"))
    last = models.PositiveIntegerField(_("最后的号"), default=0)

    class Meta:
        verbose_name = _("文书编号")
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="disputes_series_of_year")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.last}"


class Paper(Record):
    """One edition of a paper. What it says lies sealed in the vault under the dispute's key; ``digest`` proves it unchanged.

    ``digest`` is a keyed hash, 64 hex signs: without the station's secret nothing of the content can be guessed from it.
    """

    dispute = models.ForeignKey(Dispute, verbose_name=_("纠纷"), on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(_("文书"), max_length=12, choices=PaperKind)
    year = models.PositiveSmallIntegerField(_("年度"))
    serial = models.PositiveIntegerField(_("号"))
    edition = models.PositiveSmallIntegerField(_("第几版"), default=1)
    agreement = models.ForeignKey(
        Agreement, verbose_name=_("调解协议"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    talk = models.ForeignKey(Talk, verbose_name=_("调解会"), null=True, on_delete=models.PROTECT, related_name="+")
    content_id = models.BigIntegerField(_("密封内容"), null=True)
    digest = models.CharField(_("校验码"), max_length=64)
    issued_at = models.DateTimeField(_("开具时间"))
    issued_by_id = models.BigIntegerField(_("开具人"), null=True)

    class Meta:
        verbose_name = _("文书")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "serial", "edition"], name="disputes_paper_number")
        ]
        indexes = [models.Index(fields=["digest"], name="disputes_paper_digest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.serial} {self.edition}"

    @property
    def number(self) -> str:
        """As it is printed, for example 调协字〔2026〕3号; the same in every language."""
        return f"调{_LETTERS[PaperKind(self.kind)]}字〔{self.year}〕{self.serial}号"


class Signature(Record):
    """A name written under a paper: whose, when, where and before whom. The picture lies sealed in the vault."""

    class Manner(models.TextChoices):
        DRAWN = "drawn", _("在屏幕上签名")
        PHOTO = "photo", _("拍照上传")

    paper = models.ForeignKey(Paper, verbose_name=_("文书"), on_delete=models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, verbose_name=_("当事人"), null=True, on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(_("签名的调解员"), null=True)
    manner = models.CharField(_("方式"), max_length=6, choices=Manner)
    picture_id = models.BigIntegerField(_("密封签名"), null=True)
    place_words = models.CharField(_("地点"), max_length=PLACE_LIMIT, blank=True)
    at = models.DateTimeField(_("时间"))
    before_id = models.BigIntegerField(_("在场人"), null=True)

    class Meta:
        verbose_name = _("签名")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "party"], name="disputes_party_signs_once"),
            models.UniqueConstraint(fields=["paper", "account_id"], name="disputes_mediator_signs_once"),
            models.CheckConstraint(
                condition=Q(party=None, account_id__isnull=False) | Q(party__isnull=False, account_id=None),
                name="disputes_signature_is_one_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.manner}"
