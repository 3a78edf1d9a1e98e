"""Texts kept to be searched: passages and packed postings."""

from django.db import migrations, models

PLAIN = """
ALTER TABLE kernel_posting ALTER COLUMN passages SET STORAGE EXTERNAL, ALTER COLUMN counts SET STORAGE EXTERNAL,
    ALTER COLUMN weights SET STORAGE EXTERNAL;
CREATE SEQUENCE kernel_segment AS integer CYCLE;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_trigrams")]

    operations = [
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("collection", models.CharField(max_length=24, verbose_name="文集")),
                ("subject_id", models.BigIntegerField(verbose_name="编号")),
                ("length", models.PositiveSmallIntegerField(verbose_name="长度")),
            ],
            options={
                "verbose_name": "检索文本",
                "constraints": [
                    models.UniqueConstraint(fields=("collection", "subject_id"), name="passage_of_subject")
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("collection", models.CharField(max_length=24, verbose_name="文集")),
                ("term", models.IntegerField(verbose_name="字词")),
                ("segment", models.IntegerField(verbose_name="段")),
                ("passages", models.BinaryField(verbose_name="文本")),
                ("counts", models.BinaryField(verbose_name="次数")),
                ("weights", models.BinaryField(verbose_name="权重")),
            ],
            options={
                "verbose_name": "检索条目",
                "indexes": [models.Index(fields=["collection", "term"], name="posting_of_term")],
            },
        ),
        migrations.RunSQL(PLAIN, "DROP SEQUENCE kernel_segment"),
    ]
