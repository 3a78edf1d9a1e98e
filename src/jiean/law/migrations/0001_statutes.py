"""Statutes and their articles."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0004_library")]

    operations = [
        migrations.CreateModel(
            name="Statute",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                ("category", models.CharField(max_length=20, verbose_name="类别")),
                ("issued_on", models.DateField(null=True, verbose_name="公布日期")),
                ("ended_on", models.DateField(null=True, verbose_name="失效日期")),
                ("known_on", models.DateField(verbose_name="收录日期")),
            ],
            options={
                "verbose_name": "法规",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "issued_on"), name="law_statute_version", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.PositiveIntegerField(verbose_name="顺序")),
                ("number", models.CharField(max_length=40, verbose_name="条次")),
                ("text", models.TextField(verbose_name="条文")),
                (
                    "statute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="articles",
                        to="law.statute",
                        verbose_name="法规",
                    ),
                ),
            ],
            options={
                "verbose_name": "法条",
                "constraints": [models.UniqueConstraint(fields=("statute", "place"), name="law_article_place")],
            },
        ),
    ]
