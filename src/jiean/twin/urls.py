"""Addresses of the twin."""

from django.urls import path

from jiean.twin import calculation_pages, call_pages, cell_pages
from jiean.twin.pages import stop, trial_export, trial_list, trial_page, trial_replay, trial_state, twin

app_name = "twin"
urlpatterns = [
    path("twin", twin, name="twin"),
    path("twin/trials", trial_list, name="trials"),
    path("twin/calls", call_pages.calls, name="calls"),
    path("twin/calls.csv", call_pages.calls_file, name="calls-file"),
    path("twin/sites", calculation_pages.sites, name="sites"),
    path("twin/calculations/<int:calculation_id>", calculation_pages.calculation, name="calculation"),
    path("twin/calculations/<int:calculation_id>/state", calculation_pages.calculation_state, name="calculation-state"),
    path("twin/calculations/<int:calculation_id>/stop", calculation_pages.stop_it, name="stop-calculation"),
    path("twin/cells", cell_pages.plans, name="cells"),
    path("twin/cells/<int:plan_id>", cell_pages.plan_page, name="cell-plan"),
    path("twin/cells/<int:plan_id>/map.json", cell_pages.plan_map, name="cell-map"),
    path("twin/cells/<int:plan_id>/areas.geojson", cell_pages.plan_file, name="cell-file"),
    path("twin/cells/<int:plan_id>/move", cell_pages.move, name="move-piece"),
    path("twin/cells/<int:plan_id>/accept", cell_pages.accept, name="accept-cells"),
    path("twin/cells/<int:plan_id>/drop", cell_pages.drop, name="drop-cells"),
    path("twin/cells/<int:plan_id>/hand-over", cell_pages.hand_over, name="hand-over-cells"),
    path("twin/<int:trial_id>", trial_page, name="trial"),
    path("twin/<int:trial_id>/state", trial_state, name="state"),
    path("twin/<int:trial_id>/replay", trial_replay, name="replay"),
    path("twin/<int:trial_id>/export.json", trial_export, {"kind": "json"}, name="export-json"),
    path("twin/<int:trial_id>/export.csv", trial_export, {"kind": "csv"}, name="export-csv"),
    path("twin/<int:trial_id>/stop", stop, name="stop"),
]
