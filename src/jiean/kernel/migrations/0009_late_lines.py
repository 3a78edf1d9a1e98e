from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("kernel", "0008_device_times"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="transition",
            index=models.Index(condition=models.Q(device_at__isnull=False), fields=["at"], name="transition_late"),
        ),
    ]
