"""Addresses of the areas pages."""

from django.urls import path

from jiean.grid import pages

app_name = "grid"
urlpatterns = [
    path("areas", pages.areas, name="areas"),
    path("areas/cells.json", pages.cells_json, name="cells-json"),
    path("areas/import", pages.upload, name="import"),
    path("areas/import/<int:draft_id>", pages.preview, name="draft"),
    path("areas/premises/new", pages.new_premises, name="new-premises"),
]
