from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_sittings"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="password_issued_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="初始密码发出时间"),
        ),
    ]
