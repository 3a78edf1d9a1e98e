"""Trigrams, for words of three characters and more."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_notify_and_insert_only")]
    operations = [TrigramExtension()]
