"""Addresses of the vault's pages."""

from django.urls import path

from jiean.vault import pages

app_name = "vault"
urlpatterns = [
    path("prove", pages.prove, name="prove"),
]
