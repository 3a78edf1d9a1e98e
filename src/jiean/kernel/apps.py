"""The kernel as a Django application."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "jiean.kernel"
    label = "kernel"
    verbose_name = _("内核")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Know every room's grants and events in every process, whichever pages it serves."""
        from jiean.kernel import registry  # noqa: F401, PLC0415 - registers its system check once models are loaded

        autodiscover_modules("access", "events")
