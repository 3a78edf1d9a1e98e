"""Tables of the law: statutes by version, and their articles."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiean.kernel.models import Record

COLLECTION = "law"
"""What the articles are kept under to be searched."""


class Statute(Record):
    """One version of one law. Without ``ended_on`` it holds as far as its source knew."""

    name = models.CharField(_("名称"), max_length=120)
    category = models.CharField(_("类别"), max_length=20)
    issued_on = models.DateField(_("公布日期"), null=True)
    ended_on = models.DateField(_("失效日期"), null=True)
    known_on = models.DateField(_("收录日期"))

    class Meta:
        verbose_name = _("法规")
        constraints = [
            models.UniqueConstraint(fields=["name", "issued_on"], nulls_distinct=False, name="law_statute_version")
        ]

    def __str__(self) -> str:
        return self.name


class Article(models.Model):
    """One article of a statute, in its order."""

    id = models.BigAutoField(primary_key=True)
    statute = models.ForeignKey(Statute, verbose_name=_("法规"), on_delete=models.CASCADE, related_name="articles")
    place = models.PositiveIntegerField(_("顺序"))
    number = models.CharField(_("条次"), max_length=40)
    text = models.TextField(_("条文"))

    class Meta:
        verbose_name = _("法条")
        constraints = [models.UniqueConstraint(fields=["statute", "place"], name="law_article_place")]

    def __str__(self) -> str:
        return f"{self.statute_id} {self.number}"


class Lesson(Record):
    """A question somebody of the staff has said an article answers. Names, numbers and addresses are masked."""

    question = models.CharField(_("问的话"), max_length=200)
    article = models.ForeignKey(Article, verbose_name=_("法条"), on_delete=models.CASCADE, related_name="lessons")

    class Meta:
        verbose_name = _("答过的问题")
        constraints = [models.UniqueConstraint(fields=["question", "article"], name="law_lesson_once")]

    def __str__(self) -> str:
        return f"{self.pk}"
