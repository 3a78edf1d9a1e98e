"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisputesConfig(AppConfig):
    name = "jiean.disputes"
    label = "disputes"
    verbose_name = _("矛盾调解")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.disputes import clocks, glass, reactions  # noqa: F401, PLC0415 - they register themselves once models are loaded
        from jiean.disputes.access import holds_dispute, is_worked_on  # noqa: PLC0415
        from jiean.vault.access import register_matter  # noqa: PLC0415
        from jiean.vault.models import MatterKind  # noqa: PLC0415

        register_matter(MatterKind.DISPUTE, holds_dispute, is_live=is_worked_on, find=glass.find, tell=glass.tell)
