"""Addresses of dispatch's own doors; the pages round them are the screens'."""

from django.urls import path

from jiean.dispatch.pages import (
    compare,
    divert,
    end_move,
    hints,
    move,
    my_move,
    reach,
    send,
    send_batch,
    units,
    way,
)
from jiean.dispatch.patrol_pages import my_patrol, patrol, patrol_way

app_name = "dispatch"
urlpatterns = [
    path("dispatch/reach", reach, name="reach"),
    path("dispatch/hints", hints, name="hints"),
    path("dispatch/move", move, name="move"),
    path("dispatch/move/<int:move_id>/end", end_move, name="end-move"),
    path("dispatch/batch", send_batch, name="batch"),
    path("dispatch/advice", compare, name="compare"),
    path("dispatch/patrol", patrol, name="patrol"),
    path("dispatch/patrol/<int:unit_id>/way", patrol_way, name="patrol-way"),
    path("dispatch/my-patrol", my_patrol, name="my-patrol"),
    path("dispatch/my-move", my_move, name="my-move"),
    path("dispatch/incident/<int:incident_id>/divert", divert, name="divert"),
    path("dispatch/incident/<int:incident_id>/units", units, name="units"),
    path("dispatch/incident/<int:incident_id>/send", send, name="send"),
    path("dispatch/incident/<int:incident_id>/way/<int:unit_id>", way, name="way"),
]
