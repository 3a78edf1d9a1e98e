"""What was erased, by kind and number: rows that can only be inserted."""

from django.db import migrations, models

FORWARD = """
CREATE TRIGGER kernel_erasure_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_erasure
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_insert_only();
"""
BACKWARD = "DROP TRIGGER kernel_erasure_insert_only ON kernel_erasure;"


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0004_library"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=60, verbose_name="事项种类")),
                ("subject_id", models.BigIntegerField(verbose_name="事项")),
                ("scope", models.CharField(max_length=12, verbose_name="部分")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "删除记录",
                "indexes": [models.Index(fields=["at"], name="erasure_at")],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
