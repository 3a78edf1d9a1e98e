"""Matters opened because a life is in danger, and their review."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_look_ups")]

    operations = [
        migrations.CreateModel(
            name="Glass",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("account_id", models.BigIntegerField(verbose_name="账号")),
                ("role", models.CharField(max_length=3, verbose_name="角色")),
                (
                    "matter_kind",
                    models.CharField(
                        choices=[
                            ("report", "上报"),
                            ("incident", "警情"),
                            ("dispute", "矛盾纠纷"),
                            ("hazard", "隐患"),
                            ("tenancy", "租住"),
                        ],
                        max_length=12,
                        verbose_name="事项种类",
                    ),
                ),
                ("matter_id", models.BigIntegerField(verbose_name="事项")),
                ("number", models.CharField(max_length=20, verbose_name="编号")),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("started_at", models.DateTimeField(verbose_name="开始")),
                ("until", models.DateTimeField(verbose_name="到")),
                ("hidden_until", models.DateTimeField(null=True, verbose_name="此前不告诉本人")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("right", "确有必要"), ("wrong", "没有必要")],
                        max_length=5,
                        verbose_name="审核结论",
                    ),
                ),
                ("review_note", models.CharField(blank=True, max_length=500, verbose_name="审核说明")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="审核时间")),
                ("reviewed_by_id", models.BigIntegerField(null=True, verbose_name="审核人")),
                ("shouted_at", models.DateTimeField(null=True, verbose_name="催办时间")),
            ],
            options={
                "verbose_name": "紧急打开",
                "indexes": [
                    models.Index(fields=["matter_kind", "matter_id", "account_id"], name="vault_glass_of_matter"),
                    models.Index(
                        condition=models.Q(("reviewed_at", None)), fields=["started_at"], name="vault_glass_unreviewed"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by_id", None),
                            models.Q(("reviewed_by_id", models.F("account_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="vault_glass_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("started_at"))), name="vault_glass_ends"
                    ),
                ],
            },
        ),
    ]
