"""A party says on its own page whether it was handled well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0011_calendar"),
    ]

    operations = [
        migrations.AddField(
            model_name="party",
            name="satisfaction_note",
            field=models.CharField(blank=True, max_length=500, verbose_name="评价"),
        ),
        migrations.AddField(
            model_name="party",
            name="satisfied",
            field=models.BooleanField(null=True, verbose_name="满意"),
        ),
    ]
