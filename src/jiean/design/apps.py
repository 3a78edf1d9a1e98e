"""The design package as a Django app, so that its templates, static files and catalogue are found."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "jiean.design"
    label = "design"
