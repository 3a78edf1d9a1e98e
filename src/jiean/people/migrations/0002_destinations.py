"""The seven destinations of referral and the police, as a station finds them; names and number are its own to change."""

from django.db import migrations

DESTINATIONS = (
    ("mediation", "人民调解委员会", "destination"),
    ("justice", "司法所", "destination"),
    ("labour", "劳动保障监察中队", "destination"),
    ("market", "市场监督管理所", "destination"),
    ("urban", "综合行政执法中队", "destination"),
    ("housing", "住房和物业管理科", "destination"),
    ("civil", "民政和社会救助站", "destination"),
    ("police", "派出所", "police"),
)


def write(apps, schema_editor):
    organisation = apps.get_model("people", "Organisation")
    organisation.objects.bulk_create(
        (organisation(code=code, name=name, kind=kind) for code, name, kind in DESTINATIONS), ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_staff")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop, elidable=False)]
