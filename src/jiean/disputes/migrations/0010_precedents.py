"""Precedents: closed disputes told without their people."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0009_posts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Precedent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("neighbours", "邻里纠纷"),
                            ("family", "婚姻家庭纠纷"),
                            ("labour", "劳动争议"),
                            ("contract", "合同纠纷"),
                            ("debt", "借贷纠纷"),
                            ("injury", "损害赔偿纠纷"),
                            ("property", "物业管理纠纷"),
                            ("rental", "房屋租赁纠纷"),
                            ("consumer", "消费纠纷"),
                            ("traffic", "交通事故纠纷"),
                            ("medical", "医疗纠纷"),
                            ("land", "山林土地纠纷"),
                            ("pollution", "环境污染纠纷"),
                            ("school", "校园纠纷"),
                            ("other", "其他纠纷"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WRITTEN", "案例待核对"),
                            ("RELEASED", "案例已发布"),
                            ("RETURNED", "案例已退回"),
                            ("WITHDRAWN", "案例已撤下"),
                        ],
                        default="WRITTEN",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("outcome", models.CharField(max_length=10, verbose_name="结果")),
                ("days", models.PositiveIntegerField(verbose_name="用了几天")),
                ("facts", models.TextField(max_length=2000, verbose_name="案情")),
                ("worked", models.TextField(max_length=2000, verbose_name="怎么调成的")),
                ("terms", models.TextField(blank=True, max_length=2000, verbose_name="协议要点")),
                ("reply", models.CharField(blank=True, max_length=500, verbose_name="退回或撤下的原因")),
                ("written_by_id", models.BigIntegerField(null=True, verbose_name="编写人")),
                ("written_at", models.DateTimeField(verbose_name="编写时间")),
                ("checked_by_id", models.BigIntegerField(null=True, verbose_name="核对人")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                ("opened", models.PositiveIntegerField(default=0, verbose_name="打开次数")),
                (
                    "dispute",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="precedents",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
            ],
            options={
                "verbose_name": "调解案例",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "RELEASED")),
                        fields=["kind", "outcome", "days"],
                        name="disputes_precedents",
                    ),
                    models.Index(
                        condition=models.Q(("state", "RELEASED"), _negated=True),
                        fields=["written_at"],
                        name="disputes_precedent_drafts",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "RELEASED"), _negated=True),
                            models.Q(
                                ("checked_by_id__isnull", False),
                                ("written_by_id__isnull", False),
                                models.Q(("checked_by_id", models.F("written_by_id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="disputes_precedent_checked_by_another",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("WRITTEN", "RELEASED"))),
                        fields=("dispute",),
                        name="disputes_one_precedent_now",
                    ),
                ],
            },
        ),
    ]
