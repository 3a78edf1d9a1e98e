"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LawConfig(AppConfig):
    name = "jiean.law"
    label = "law"
    verbose_name = _("法规")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.law import clocks, reactions  # noqa: F401, PLC0415 - both register themselves once models are loaded
