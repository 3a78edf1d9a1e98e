"""The watch: who has the station, and the weather as a person tells it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0002_tracks_by_day"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("since", models.DateTimeField(verbose_name="接班时间")),
                (
                    "weather",
                    models.CharField(
                        choices=[("unknown", "未填"), ("dry", "晴好"), ("rain", "有雨")],
                        default="unknown",
                        max_length=8,
                        verbose_name="天气",
                    ),
                ),
                (
                    "commander",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="值班指挥长",
                    ),
                ),
            ],
            options={
                "verbose_name": "值守",
                "indexes": [models.Index(fields=["-since", "-id"], name="dispatch_watch_now")],
            },
        ),
    ]
