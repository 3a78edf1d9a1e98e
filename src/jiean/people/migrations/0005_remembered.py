from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_issued_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remembered",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False, verbose_name="名称")),
                ("value", models.CharField(max_length=4000, verbose_name="内容")),
                ("expires", models.DateTimeField(db_index=True, verbose_name="到期")),
            ],
            options={
                "verbose_name": "短时记录",
            },
        ),
    ]
