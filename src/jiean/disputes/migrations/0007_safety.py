"""Flags on disputes, steps that protect, calls about a dispute, and what the machine asks a person to look at."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0006_mediators"),
    ]

    operations = [
        migrations.AddField(
            model_name="dispute",
            name="address_hidden",
            field=models.BooleanField(default=False, verbose_name="住址保密"),
        ),
        migrations.AddField(
            model_name="party",
            name="address_id",
            field=models.BigIntegerField(null=True, verbose_name="单独密封的住址"),
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("report_id", models.BigIntegerField(null=True, verbose_name="上报")),
                ("incident_id", models.BigIntegerField(null=True, verbose_name="警情")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("noted_by_id", models.BigIntegerField(null=True, verbose_name="记录人")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
            ],
            options={
                "verbose_name": "就此事的来电",
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "report_id"), name="disputes_report_calls_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Flag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RAISED", "提示待复核"),
                            ("STANDING", "提示已复核"),
                            ("LOWERED", "提示已解除"),
                            ("GONE", "提示已到期"),
                        ],
                        default="RAISED",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=list, verbose_name="理由")),
                ("note_id", models.BigIntegerField(null=True, verbose_name="密封说明")),
                ("raised_by_id", models.BigIntegerField(null=True, verbose_name="提出人")),
                ("raised_at", models.DateTimeField(verbose_name="提示时间")),
                ("review_by", models.DateTimeField(verbose_name="最迟复核时间")),
                ("ends_at", models.DateTimeField(verbose_name="到期时间")),
                ("reviewed_by_id", models.BigIntegerField(null=True, verbose_name="复核人")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("renewals", models.PositiveSmallIntegerField(default=0, verbose_name="续期次数")),
                ("reminded", models.BooleanField(default=False, verbose_name="已提醒复核")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
            ],
            options={
                "verbose_name": "民转刑提示",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "RAISED")), fields=["review_by"], name="disputes_flag_to_review"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("RAISED", "STANDING"))),
                        fields=["ends_at"],
                        name="disputes_flag_up",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("RAISED", "STANDING"))),
                        fields=("dispute",),
                        name="disputes_one_flag_is_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "STANDING"), _negated=True),
                            models.Q(
                                ("reviewed_by_id__isnull", False),
                                models.Q(("reviewed_by_id", models.F("raised_by_id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="disputes_flag_reviewed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("note_id", None), ("reasons", []), ("state__in", ("LOWERED", "GONE"))),
                            models.Q(("state__in", ("RAISED", "STANDING")), models.Q(("reasons", []), _negated=True)),
                            _connector="OR",
                        ),
                        name="disputes_flag_has_reasons_while_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PleaseLook",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("threat", "经过里有威胁的话"),
                            ("weapon", "经过里提到凶器"),
                            ("calls", "三十天内第三次来电"),
                        ],
                        max_length=8,
                        verbose_name="为什么",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="提示时间")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("flagged", "提出了民转刑提示"), ("not_needed", "看过，不需要")],
                        max_length=10,
                        verbose_name="答复",
                    ),
                ),
                ("note_id", models.BigIntegerField(null=True, verbose_name="密封说明")),
                ("answered_by_id", models.BigIntegerField(null=True, verbose_name="答复人")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
            ],
            options={
                "verbose_name": "请看一看",
                "ordering": ["id"],
                "indexes": [
                    models.Index(condition=models.Q(("answer", "")), fields=["asked_at"], name="disputes_look_waits")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")), fields=("dispute", "why"), name="disputes_one_look_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None), ("answered_by_id", None)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by_id__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="disputes_look_is_answered_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Protection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("rooms", "分开房间谈"),
                            ("apart", "分开到、分开走"),
                            ("officer", "民警在场"),
                            ("address", "住址保密"),
                        ],
                        max_length=8,
                        verbose_name="保护措施",
                    ),
                ),
                ("taken_by_id", models.BigIntegerField(null=True, verbose_name="采取人")),
                ("taken_at", models.DateTimeField(verbose_name="采取时间")),
                ("ended_by_id", models.BigIntegerField(null=True, verbose_name="解除人")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="解除时间")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protections",
                        to="disputes.dispute",
                        verbose_name="纠纷",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="disputes.party",
                        verbose_name="保护谁",
                    ),
                ),
            ],
            options={
                "verbose_name": "保护措施",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("dispute", "step", "party"),
                        name="disputes_step_runs_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("party__isnull", False), ("step", "address")),
                            models.Q(models.Q(("step", "address"), _negated=True), ("party", None)),
                            _connector="OR",
                        ),
                        name="disputes_address_is_a_partys",
                    ),
                ],
            },
        ),
    ]
