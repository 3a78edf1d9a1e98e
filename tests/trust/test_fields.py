"""T-SCHEMA and T-CLASS: every column is declared, nothing forbidden is stored or built, no key joins two records of one human."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models
from django.test.utils import isolate_apps

from jiean.config import fields
from jiean.kernel import registry
from jiean.kernel.registry import BadDeclaration, DataClass
from jiean.vault.models import Kind, MatterKind, SealedRecord
from tests.house.plan import ROOT, python_files, shown
from tests.intake.scenes import with_contact
from tests.town import SYSTEM, Town
from tests.trust import forbidden

pytestmark = pytest.mark.trust
WORDS_OF_PEOPLE = (
    "text",
    "note",
    "reason",
    "reply",
    "answer",
    "summary",
    "outcome_words",
    "place_words",
    "satisfaction_note",
)


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("jiean.")]


def test_every_column_is_declared_and_nothing_else() -> None:
    assert registry.undeclared() == []
    assert registry.superfluous() == []


@isolate_apps("jiean.intake")
def test_a_column_nobody_declared_stops_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: a new table, and a table of ours with its declaration taken away."""

    class Stray(models.Model):
        nickname = models.CharField(max_length=20)

        class Meta:
            app_label = "intake"

    assert registry.undeclared([Stray]) == ["intake.stray.id", "intake.stray.nickname"]
    left = {label: table for label, table in registry.registry().items() if label != "intake.photo"}
    monkeypatch.setattr(registry, "registry", lambda: left)
    assert {one.id for one in registry.every_column_is_declared()} == {"jiean.E001"}
    with pytest.raises(SystemCheckError, match=r"intake\.photo\.name is not in the field registry"):
        call_command("check")
    with pytest.raises(SystemCheckError, match=r"intake\.photo"):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0, skip_checks=False)


def test_a_declaration_that_says_nothing_is_named() -> None:
    for lines in ({"name": "P2 handle duty"}, {"name": "P9 handle duty report"}, {"name": "P2 gossip duty report"}):
        with pytest.raises(BadDeclaration, match=r"intake\.x"):
            registry.read_table(lines, "intake.x")
    with pytest.raises(BadDeclaration, match="twice"):
        registry.read_table({"name": "P2 handle duty report", "place name": "P1 handle duty report"}, "intake.x")


PUBLISHED = {"law.Article.text"}
"""Columns of text that no person wrote to us: the law as it was published."""


def test_free_words_are_personal_at_least() -> None:
    """A field of text, or one named as words of people are, may not be declared public or work."""

    def of_people(column: models.Field) -> bool:  # type: ignore[type-arg]
        return isinstance(column, models.TextField) or (
            column.name in WORDS_OF_PEOPLE and isinstance(column, models.CharField) and not column.choices
        )

    words = [column for column in registry.columns(our_models()) if of_people(column)]
    assert len(words) >= 8
    words = [column for column in words if str(column) not in PUBLISHED]
    assert [str(column) for column in words if not (one := registry.held(column)) or not one.is_personal] == []


def test_personal_columns_have_a_basis_and_a_clock() -> None:
    for column in registry.columns():
        one = registry.held(column)
        assert one is not None
        if one.is_personal:
            assert one.basis != registry.Basis.NONE, column
            assert registry.PERIODS[one.keeping] or one.keeping == registry.Keeping.ROW, column


def test_the_page_of_the_registry_is_the_registry() -> None:
    assert (ROOT / "docs" / "fields.md").read_text(encoding="utf-8") == fields.page()


def test_nothing_forbidden_is_stored_or_built() -> None:
    assert forbidden.forbidden_columns(our_models()) == []
    assert forbidden.locked_libraries() & forbidden.LIBRARIES == set()
    assert forbidden.forbidden_imports((shown(file), file.read_text("utf-8")) for file in python_files()) == []


@isolate_apps("jiean.intake")
def test_a_forbidden_column_and_library_are_caught() -> None:
    """The plant: names, labels, imports, locks."""

    class Profile(models.Model):
        risk_score = models.IntegerField()
        photo_face_vector = models.BinaryField()
        note = models.CharField("民族", max_length=9)
        heading = models.CharField(max_length=9)

        class Meta:
            app_label = "intake"

    caught = ["intake.profile.risk_score", "intake.profile.photo_face_vector", "intake.profile.note"]
    assert forbidden.forbidden_columns([Profile]) == caught
    sources = [
        ("a.py", "import numpy, cv2.data"),
        ("b.py", "from face_recognition import load"),
        ("c.py", "import numpy"),
    ]
    assert forbidden.forbidden_imports(sources) == ["a.py", "b.py"]


def test_a_forbidden_library_in_the_lock_is_caught(tmp_path_factory: pytest.TempPathFactory) -> None:
    lock = tmp_path_factory.mktemp("lock") / "uv.lock"
    lock.write_text('[[package]]\nname = "insightface"\n[[package]]\nname = "numpy"\n', encoding="utf-8")
    assert forbidden.locked_libraries(lock) & forbidden.LIBRARIES == {"insightface"}


def test_no_key_is_shared_between_personal_records() -> None:
    assert forbidden.shared_keys(our_models()) == []


@isolate_apps("jiean.intake")
def test_a_shared_key_is_caught() -> None:
    """The plant: a table of people with something pointing at it, and a key by another name."""

    class Resident(models.Model):
        class Meta:
            app_label = "intake"

    class Visit(models.Model):
        who = models.ForeignKey(Resident, on_delete=models.CASCADE)
        id_number = models.CharField(max_length=18)

        class Meta:
            app_label = "intake"

    assert forbidden.shared_keys([Resident, Visit]) == ["intake.visit.who", "intake.visit.id_number"]


def _values(record: SealedRecord) -> Iterator[str]:
    """What stands in a sealed record's sensitive columns, as the database holds it."""
    for name in registry.personal("vault.sealedrecord", DataClass.P3):
        value = getattr(record, name)
        yield from value if isinstance(value, list) else [bytes(value).hex()]


@pytest.mark.django_db
def test_one_human_in_two_roles_leaves_nothing_in_common(town: Town) -> None:
    """The same name and number sealed as reporter and as party: no stored value of either joins the two."""
    from jiean.vault.commands import seal  # noqa: PLC0415

    report = with_contact()
    told = SealedRecord.objects.get(matter_kind="report", matter_id=report.pk)
    other = SealedRecord.objects.get(
        pk=seal(SYSTEM, MatterKind.DISPUTE, 1, Kind.PARTY, {"name": "张三丰", "phone": "13800001234"})
    )
    assert set(_values(told)) & set(_values(other)) == set()
    assert {told.matter_key_id} & {other.matter_key_id} == set()


@pytest.mark.django_db
def test_the_registry_knows_every_table_of_the_database() -> None:
    """Tables made by SQL are tables too."""
    with connection.cursor() as cursor:
        found = {table.name for table in connection.introspection.get_table_list(cursor) if table.type == "t"}
    known = {apps.get_model(label)._meta.db_table for label in registry.registry() if label != "kernel.record"}
    partitions = {name for name in found if name.startswith("dispatch_positiontrack_")}
    assert found - known - partitions - {"django_migrations"} == set()


def test_the_check_runs_with_djangos_own() -> None:
    assert registry.every_column_is_declared in checks.registry.registry.registered_checks
