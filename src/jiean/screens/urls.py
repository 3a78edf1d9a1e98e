"""Addresses of the screens."""

from django.urls import path

from jiean.screens.board.board import board, board_alarms, board_queue, board_units
from jiean.screens.board.line import board_command
from jiean.screens.board.panel import (
    board_close,
    board_contact,
    board_incident,
    board_move,
    board_note,
    board_step,
)
from jiean.screens.board.watch import board_watch
from jiean.screens.landing import landing
from jiean.screens.look import choose_look
from jiean.screens.my_day import my_contact, my_day, my_feedback, my_orders_again, my_result, my_step, my_tasks_again
from jiean.screens.offline import my_offline
from jiean.screens.openness import openness
from jiean.screens.place import place_page, poster
from jiean.screens.search import search
from jiean.screens.wall import wall, wall_figures

app_name = "screens"
urlpatterns = [
    path("", landing, name="landing"),
    path("look", choose_look, name="look"),
    path("transparency", openness, name="transparency"),
    path("q", search, name="search"),
    path("place/<int:premises_id>", place_page, name="place"),
    path("place/<int:premises_id>/poster", poster, name="place-poster"),
    path("board", board, name="board"),
    path("board/queue", board_queue, name="board-queue"),
    path("board/units", board_units, name="board-units"),
    path("board/alarms", board_alarms, name="board-alarms"),
    path("board/command", board_command, name="board-command"),
    path("board/incident/<int:incident_id>", board_incident, name="board-incident"),
    path("board/incident/<int:incident_id>/close", board_close, name="board-close"),
    path("board/watch", board_watch, name="board-watch"),
    path("board/incident/<int:incident_id>/contact", board_contact, name="board-contact"),
    path("board/incident/<int:incident_id>/note", board_note, name="board-note"),
    path("board/incident/<int:incident_id>/move", board_move, name="board-move"),
    path("board/incident/<int:incident_id>/order/<int:assignment_id>", board_step, name="board-step"),
    path("wall", wall, name="wall"),
    path("wall/figures", wall_figures, name="wall-figures"),
    path("my", my_day, name="my"),
    path("my/offline", my_offline, name="my-offline"),
    path("my/tasks", my_tasks_again, name="my-tasks"),
    path("my/incident/<int:incident_id>/feedback", my_feedback, name="my-feedback"),
    path("my/orders", my_orders_again, name="my-orders"),
    path("my/order/<int:assignment_id>/contact", my_contact, name="my-contact"),
    path("my/order/<int:assignment_id>/step", my_step, name="my-step"),
    path("my/order/<int:assignment_id>/result", my_result, name="my-result"),
]
