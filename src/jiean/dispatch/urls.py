"""Addresses of dispatch's own doors; the pages round them are the screens'."""

from django.urls import path

from jiean.dispatch.pages import reach, send, units, way

app_name = "dispatch"
urlpatterns = [
    path("dispatch/reach", reach, name="reach"),
    path("dispatch/incident/<int:incident_id>/units", units, name="units"),
    path("dispatch/incident/<int:incident_id>/send", send, name="send"),
    path("dispatch/incident/<int:incident_id>/way/<int:unit_id>", way, name="way"),
]
