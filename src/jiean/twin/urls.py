"""Addresses of the twin."""

from django.urls import path

from jiean.twin.pages import sites, stop, trial_export, trial_list, trial_page, trial_replay, trial_state, twin

app_name = "twin"
urlpatterns = [
    path("twin", twin, name="twin"),
    path("twin/trials", trial_list, name="trials"),
    path("twin/sites", sites, name="sites"),
    path("twin/<int:trial_id>", trial_page, name="trial"),
    path("twin/<int:trial_id>/state", trial_state, name="state"),
    path("twin/<int:trial_id>/replay", trial_replay, name="replay"),
    path("twin/<int:trial_id>/export.json", trial_export, {"kind": "json"}, name="export-json"),
    path("twin/<int:trial_id>/export.csv", trial_export, {"kind": "csv"}, name="export-csv"),
    path("twin/<int:trial_id>/stop", stop, name="stop"),
]
