"""The rules a station starts with: which desk takes what. They are its own to change."""

from django.db import migrations

FIRST = (
    (10, "labour", None, "labour"),
    (20, "consumer", None, "market"),
    (30, "property", None, "housing"),
    (40, "rental", None, "housing"),
    (50, "pollution", None, "urban"),
    (60, "medical", None, "justice"),
    (70, "land", None, "justice"),
    (80, "contract", 50_000, "justice"),
    (90, "debt", 50_000, "justice"),
    (100, "traffic", None, "police"),
    (110, "", None, "mediation"),
)


def write(apps, schema_editor):
    rule, body = apps.get_model("disputes", "DeskRule"), apps.get_model("people", "Organisation")
    known = dict(body.objects.values_list("code", "pk"))
    rule.objects.bulk_create(
        rule(place=place, kind=kind, amount_from=amount, desk_id=known[desk])
        for place, kind, amount, desk in FIRST
        if desk in known
    )


class Migration(migrations.Migration):
    dependencies = [("disputes", "0001_disputes"), ("people", "0002_destinations")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop, elidable=False)]
