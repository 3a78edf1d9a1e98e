"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TwinConfig(AppConfig):
    name = "jiean.twin"
    label = "twin"
    verbose_name = _("推演")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiean.twin import reactions  # noqa: F401, PLC0415 - registers itself once models are loaded
