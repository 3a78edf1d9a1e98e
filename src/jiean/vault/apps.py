"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "jiean.vault"
    label = "vault"
    verbose_name = _("密档")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.vault import clocks, reactions  # noqa: F401, PLC0415 - jobs register themselves once models are loaded
