"""Joint mediation: bodies that help the one that leads."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0007_safety"),
        ("people", "0003_sittings"),
    ]

    operations = [
        migrations.CreateModel(
            name="JoinedBody",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("place", models.PositiveSmallIntegerField(verbose_name="第几家")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ASKED", "待协办签收"),
                            ("JOINED", "协办中"),
                            ("ADVISED", "已出意见"),
                            ("REFUSED", "不参加协办"),
                            ("RELEASED", "协办结束"),
                        ],
                        default="ASKED",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("task", models.CharField(max_length=500, verbose_name="协办任务")),
                ("reply", models.CharField(blank=True, max_length=500, verbose_name="回复")),
                ("opinion", models.TextField(blank=True, max_length=2000, verbose_name="协办意见")),
                ("due_at", models.DateTimeField(verbose_name="到期时间")),
                ("reminded", models.CharField(blank=True, max_length=6, verbose_name="已提醒")),
                ("asked_by_id", models.BigIntegerField(null=True, verbose_name="邀请人")),
                ("asked_at", models.DateTimeField(verbose_name="邀请时间")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="签收或退回时间")),
                ("advised_at", models.DateTimeField(null=True, verbose_name="出意见时间")),
                ("advised_by_id", models.BigIntegerField(null=True, verbose_name="出意见人")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined_bodies",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                        verbose_name="协办单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "协办",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("ASKED", "JOINED", "ADVISED"))),
                        fields=["organisation"],
                        name="disputes_joined_now",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("ASKED", "JOINED"))),
                        fields=["due_at"],
                        name="disputes_join_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("ASKED", "JOINED", "ADVISED"))),
                        fields=("dispute", "organisation"),
                        name="disputes_body_joins_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("ASKED", "JOINED", "ADVISED"))),
                        fields=("dispute", "place"),
                        name="disputes_one_body_a_place",
                    ),
                    models.CheckConstraint(condition=models.Q(("place__range", (1, 5))), name="disputes_five_join"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ADVISED"), _negated=True),
                            models.Q(("opinion", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="disputes_advised_with_an_opinion",
                    ),
                ],
            },
        ),
    ]
