-- Purpose: the rows of one page of the board, with their cell, place and open orders, in the order of the ids given.
-- Parameters: ids bigint[] (at most a few hundred).
-- Row shape: RawIncident in queries/board.py.
-- Rests on: primary keys; dispatch_orders_of (incident, id).
SELECT i.id, i.number, i.version, i.kind, i.grade, i.state, i.lon, i.lat, i.cell_id, c.code AS cell_code, c.name AS cell_name,
       i.premises_id, p.name AS premises_name, i.place_words, i.summary, i.source, i.contact_id, i.report_id,
       i.received_at, i.graded_at, i.dispatched_at, i.first_arrival_at, i.cleared_at, i.fed_back_at,
       i.due_at, i.due_code, i.disposition, i.outcome, i.reopened_count, i.merged_into_id, i.flaws::text AS flaws,
       coalesce(o.orders::text, '[]') AS orders
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS k(id, place)
JOIN dispatch_incident i ON i.id = k.id
LEFT JOIN grid_cell c ON c.id = i.cell_id
LEFT JOIN grid_premises p ON p.id = i.premises_id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(a.id, a.unit_id, u.call_sign, a.state, a.escalation_level, s.call_sign) ORDER BY a.id) AS orders
    FROM dispatch_assignment a
    JOIN dispatch_unit u ON u.id = a.unit_id
    LEFT JOIN dispatch_unit s ON s.id = a.suggested_unit_id
    WHERE a.incident_id = i.id AND a.cleared_at IS NULL AND a.declined_at IS NULL AND a.recalled_at IS NULL
) o ON true
ORDER BY k.place
