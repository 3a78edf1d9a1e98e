"""Addresses of the screens."""

from django.urls import path

from jiean.screens.look import choose_look

app_name = "screens"
urlpatterns = [
    path("look", choose_look, name="look"),
]
