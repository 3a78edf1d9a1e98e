"""Every read of dispatch. One filter object chooses the rows of list, count, map and export alike."""

from jiean.dispatch.access import holds_incident
from jiean.dispatch.queries.board import (
    PAGE_SIZE,
    BoardFilter,
    IncidentRow,
    MapPicture,
    OrderMark,
    board_page,
    chosen,
    export_rows,
    incident_by_number,
    incident_count,
    incident_rows,
    map_box,
    open_incidents,
)
from jiean.dispatch.queries.closures import closures_now, standing_closures
from jiean.dispatch.queries.demand import calls_by_cell, calls_by_hour
from jiean.dispatch.queries.figures import KindCount, ShareInTime, five_minutes_today, open_at, past_year_at
from jiean.dispatch.queries.incidents import IncidentDetail, TimelineLine, incident_detail, incident_opened
from jiean.dispatch.queries.moves import Agreement, agreement, my_moves, standing_moves
from jiean.dispatch.queries.orders import OrderRow, incident_orders, my_orders
from jiean.dispatch.queries.patrol_plans import PatrolRoute, PatrolStop, my_routes, patrol_now, routes_of
from jiean.dispatch.queries.patrols import KeyPointRow, Patrols, key_points_visited
from jiean.dispatch.queries.told import Told, incidents_telling
from jiean.dispatch.queries.units import (
    POSITION_ROLES,
    UnitRow,
    crew_account_ids,
    position_snapshot,
    unit_by_call_sign,
    units_now,
)
from jiean.dispatch.queries.watches import WatchRow, watch_now

__all__ = [
    "PAGE_SIZE",
    "POSITION_ROLES",
    "Agreement",
    "BoardFilter",
    "IncidentDetail",
    "IncidentRow",
    "KeyPointRow",
    "KindCount",
    "MapPicture",
    "OrderMark",
    "OrderRow",
    "PatrolRoute",
    "PatrolStop",
    "Patrols",
    "ShareInTime",
    "TimelineLine",
    "Told",
    "UnitRow",
    "WatchRow",
    "agreement",
    "board_page",
    "calls_by_cell",
    "calls_by_hour",
    "chosen",
    "closures_now",
    "crew_account_ids",
    "export_rows",
    "five_minutes_today",
    "holds_incident",
    "incident_by_number",
    "incident_count",
    "incident_detail",
    "incident_opened",
    "incident_orders",
    "incident_rows",
    "incidents_telling",
    "key_points_visited",
    "map_box",
    "my_moves",
    "my_orders",
    "my_routes",
    "open_at",
    "open_incidents",
    "past_year_at",
    "patrol_now",
    "position_snapshot",
    "routes_of",
    "standing_closures",
    "standing_moves",
    "unit_by_call_sign",
    "units_now",
    "watch_now",
]
