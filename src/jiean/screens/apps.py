"""The screens room as a Django app."""

from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "jiean.screens"
    label = "screens"
