"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridConfig(AppConfig):
    name = "jiean.grid"
    label = "grid"
    verbose_name = _("网格")
    default_auto_field = "django.db.models.BigAutoField"
