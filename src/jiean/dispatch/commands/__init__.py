"""Every deed of dispatch, by noun."""

from jiean.dispatch.commands.closures import close_road, extend_closure, reopen_road, restore_closure
from jiean.dispatch.commands.endings import (
    archive_incident,
    cancel_incident,
    clear_incident,
    feed_back,
    mark_unfounded,
    refer_incident,
    reopen_incident,
    review_incident,
    void_incident,
)
from jiean.dispatch.commands.erasing import erase_incident, forget_incidents
from jiean.dispatch.commands.incidents import (
    grade_incident,
    merge_incidents,
    note_incident,
    open_incident,
    relocate_incident,
)
from jiean.dispatch.commands.index import index_incident, index_incidents
from jiean.dispatch.commands.moves import answer_move, dismiss_move, order_move
from jiean.dispatch.commands.orders import (
    acknowledge_assignment,
    arrive_assignment,
    assign_unit,
    clear_assignment,
    decline_assignment,
    divert_unit,
    en_route_assignment,
    escalate_assignment,
    keep_advice,
    recall_assignment,
)
from jiean.dispatch.commands.past import Taken, take_past_calls
from jiean.dispatch.commands.patrols import keep_patrol
from jiean.dispatch.commands.positions import Fix, forget_tracks, record_positions
from jiean.dispatch.commands.units import end_shift, keep_unit, start_shift
from jiean.dispatch.commands.watches import take_command, tell_weather

__all__ = [
    "Fix",
    "Taken",
    "acknowledge_assignment",
    "answer_move",
    "archive_incident",
    "arrive_assignment",
    "assign_unit",
    "cancel_incident",
    "clear_assignment",
    "clear_incident",
    "close_road",
    "decline_assignment",
    "dismiss_move",
    "divert_unit",
    "en_route_assignment",
    "end_shift",
    "erase_incident",
    "escalate_assignment",
    "extend_closure",
    "feed_back",
    "forget_incidents",
    "forget_tracks",
    "grade_incident",
    "index_incident",
    "index_incidents",
    "keep_advice",
    "keep_patrol",
    "keep_unit",
    "mark_unfounded",
    "merge_incidents",
    "note_incident",
    "open_incident",
    "order_move",
    "recall_assignment",
    "record_positions",
    "refer_incident",
    "relocate_incident",
    "reopen_incident",
    "reopen_road",
    "restore_closure",
    "review_incident",
    "start_shift",
    "take_command",
    "take_past_calls",
    "tell_weather",
    "void_incident",
]
