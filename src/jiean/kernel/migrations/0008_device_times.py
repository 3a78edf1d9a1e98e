from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0007_wrong_guesses"),
    ]

    operations = [
        migrations.AddField(
            model_name="transition",
            name="device_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="设备时间"),
        ),
        migrations.AddField(
            model_name="transition",
            name="made_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="操作时间"),
        ),
    ]
