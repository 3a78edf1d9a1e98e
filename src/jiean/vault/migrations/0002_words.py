"""What matters can be found by: keyed marks of their words."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_sealed_records")]

    operations = [
        migrations.CreateModel(
            name="WordMarks",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="字词摘要"
                    ),
                ),
            ],
            options={
                "verbose_name": "字词索引",
                "constraints": [
                    models.UniqueConstraint(fields=("matter_kind", "matter_id"), name="vault_words_of_matter")
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["marks"], gin_pending_list_limit=1024, name="vault_words"
                    )
                ],
            },
        ),
    ]
