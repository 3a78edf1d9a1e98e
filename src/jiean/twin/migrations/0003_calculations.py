from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("twin", "0002_cell_plans"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calculation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "kind",
                    models.CharField(
                        choices=[("SITES", "点位"), ("CELLS", "网格"), ("CALLS", "警情预计")],
                        max_length=8,
                        verbose_name="算什么",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "排队中"),
                            ("RUNNING", "正在算"),
                            ("DONE", "已算好"),
                            ("STOPPED", "已停止"),
                            ("FAILED", "没有算成"),
                        ],
                        default="WAITING",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("asked", models.JSONField(verbose_name="要求")),
                ("asked_at", models.DateTimeField(verbose_name="提出时间")),
                ("done_share", models.FloatField(default=0.0, verbose_name="进度")),
                ("shown", models.JSONField(null=True, verbose_name="结果")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
            ],
            options={
                "verbose_name": "测算",
                "indexes": [models.Index(fields=["kind", "-asked_at", "-id"], name="twin_calculations_of_late")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done_share__gte", 0), ("done_share__lte", 1)),
                        name="twin_calculation_share",
                    )
                ],
            },
        ),
    ]
