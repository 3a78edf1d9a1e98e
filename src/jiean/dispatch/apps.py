"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "jiean.dispatch"
    label = "dispatch"
    verbose_name = _("指挥调度")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.dispatch import clocks, glass, reactions  # noqa: F401, PLC0415 - reactions register themselves
        from jiean.dispatch.access import holds_incident, is_worked_on  # noqa: PLC0415 - models are loaded only now
        from jiean.dispatch.queries.units import POSITION_ROLES, position_snapshot  # noqa: PLC0415
        from jiean.kernel.live import register_snapshot  # noqa: PLC0415
        from jiean.vault.access import register_matter  # noqa: PLC0415
        from jiean.vault.models import MatterKind  # noqa: PLC0415

        register_snapshot("positions", POSITION_ROLES, position_snapshot, every_s=2)
        register_matter(MatterKind.INCIDENT, holds_incident, is_live=is_worked_on, find=glass.find, tell=glass.tell)
