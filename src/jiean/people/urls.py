"""Addresses of the staff pages."""

from django.urls import path

from jiean.people import pages

app_name = "people"
urlpatterns = [
    path("role", pages.choose, name="role"),
    path("sittings", pages.sittings, name="sittings"),
    path("staff", pages.staff_list, name="staff"),
    path("staff/new", pages.new_account, name="new-account"),
    path("staff/confirm", pages.confirm, name="confirm-roles"),
    path("staff/template.xlsx", pages.template, name="staff-template"),
    path("staff/import", pages.upload, name="staff-import"),
    path("staff/import/<int:draft_id>", pages.preview, name="staff-draft"),
    path("staff/<int:account_id>", pages.person_page, name="person"),
    path("staff/<int:account_id>/<slug:deed>", pages.person_deed, name="person-deed"),
]
