"""Addresses of dispatch's own doors; the pages round them are the screens'."""

from django.urls import path

from jiean.dispatch.closure_pages import closure_deed, closure_map, closure_streets, closures, my_way
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
    path("dispatch/closures", closures, name="closures"),
    path("dispatch/closures/map", closure_map, name="closure-map"),
    path("dispatch/closures/streets", closure_streets, name="closure-streets"),
    path("dispatch/closures/<int:closure_id>", closure_deed, name="closure"),
    path("dispatch/my-way/<int:assignment_id>", my_way, name="my-way"),
    path("dispatch/my-move", my_move, name="my-move"),
    path("dispatch/incident/<int:incident_id>/divert", divert, name="divert"),
    path("dispatch/incident/<int:incident_id>/units", units, name="units"),
    path("dispatch/incident/<int:incident_id>/send", send, name="send"),
    path("dispatch/incident/<int:incident_id>/way/<int:unit_id>", way, name="way"),
]
