from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grid", "0001_ground"),
        ("intake", "0004_rights_requests"),
    ]

    operations = [
        # What is already there was read when it was taken; only new reports wait.
        migrations.AddField(
            model_name="report",
            name="unstudied",
            field=models.BooleanField(default=False, verbose_name="待细读"),
        ),
        migrations.AlterField(
            model_name="report",
            name="unstudied",
            field=models.BooleanField(default=True, verbose_name="待细读"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("unstudied", True)), fields=["id"], name="intake_unstudied"),
        ),
    ]
