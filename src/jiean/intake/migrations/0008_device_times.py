from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0007_found_by_cell"),
    ]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="device_at",
            field=models.DateTimeField(null=True, verbose_name="设备时间"),
        ),
        migrations.AddField(
            model_name="report",
            name="made_at",
            field=models.DateTimeField(null=True, verbose_name="填写时间"),
        ),
    ]
