"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "jiean.intake"
    label = "intake"
    verbose_name = _("上报受理")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.intake import clocks, glass, reactions  # noqa: F401, PLC0415 - reactions register themselves once models are loaded
        from jiean.intake.looks import is_worked_on  # noqa: PLC0415
        from jiean.intake.queries import holds_report  # noqa: PLC0415
        from jiean.vault.access import register_matter  # noqa: PLC0415
        from jiean.vault.models import MatterKind  # noqa: PLC0415

        register_matter(MatterKind.REPORT, holds_report, is_live=is_worked_on, find=glass.find, tell=glass.tell)
