"""Open disputes are counted by cell from an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0012_satisfaction"),
        ("grid", "0001_ground"),
        ("people", "0003_sittings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["REGISTERED", "DIVERTED", "ACCEPTED", "MEDIATING", "SETTLED", "FAILED", "FOLLOW_UP"])
                ),
                fields=["cell", "due_at"],
                name="disputes_live_by_cell",
            ),
        ),
    ]
