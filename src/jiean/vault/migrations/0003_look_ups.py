"""Look-ups of people, counted, and what a supervisor is asked about them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0002_words")]

    operations = [
        migrations.CreateModel(
            name="LookUp",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account_id", models.BigIntegerField(verbose_name="账号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("emergency", "紧急救助"),
                            ("dispatch", "指挥调度"),
                            ("dispute", "矛盾调处"),
                            ("inspection", "检查整改"),
                            ("tenancy", "租住管理"),
                            ("school", "校园安全"),
                            ("volunteer", "志愿服务"),
                            ("rights", "个人信息权利请求"),
                            ("audit", "审计"),
                            ("legal", "依法调取"),
                        ],
                        max_length=12,
                        verbose_name="目的",
                    ),
                ),
            ],
            options={
                "verbose_name": "查人记录",
                "indexes": [models.Index(fields=["account_id", "at"], name="vault_look_ups")],
            },
        ),
        migrations.CreateModel(
            name="LookUpQuestion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("account_id", models.BigIntegerField(verbose_name="账号")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hour", "一小时内查人较多"),
                            ("day", "一天内查人较多"),
                            ("stop", "一天内查人过多，已停"),
                        ],
                        max_length=4,
                        verbose_name="原因",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="提出时间")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("answered_by_id", models.BigIntegerField(null=True, verbose_name="答复人")),
                ("allowed", models.BooleanField(null=True, verbose_name="可以继续")),
            ],
            options={
                "verbose_name": "查人询问",
                "indexes": [models.Index(fields=["account_id", "asked_at"], name="vault_look_up_questions")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by_id", None),
                            models.Q(("answered_by_id", models.F("account_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="vault_look_ups_two_people",
                    )
                ],
            },
        ),
    ]
