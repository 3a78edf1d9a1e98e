-- Purpose: every active unit as it is now: shift, crew, open order, last position, last cleared order. Status is derived.
-- Parameters: at timestamptz; unit_ids bigint[] or NULL for all.
-- Row shape: RawUnit in queries/units.py.
-- Rests on: dispatch_shift_now (unit, ends_at desc, starts_at); dispatch_one_open_order (unit); dispatch_last_cleared.
SELECT u.id, u.call_sign, u.unit_class, u.skills::text AS skills, u.seats, u.base_lon, u.base_lat, u.version,
       s.id AS shift_id, s.name AS shift_name, s.starts_at AS shift_starts_at, s.ends_at AS shift_ends_at,
       coalesce(m.crew::text, '[]') AS crew,
       a.id AS assignment_id, a.state AS order_state, a.assigned_at, a.acknowledged_at, a.en_route_at, a.on_scene_at,
       i.id AS incident_id, i.number AS incident_number, i.grade AS incident_grade, i.place_words,
       p.lon, p.lat, p.heading, p.at AS position_at, last.cleared_at AS last_cleared_at
FROM dispatch_unit u
LEFT JOIN LATERAL (
    SELECT * FROM dispatch_shift s WHERE s.unit_id = u.id AND s.starts_at <= %(at)s AND s.ends_at > %(at)s
    ORDER BY s.ends_at DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(m.account_id, p.name) ORDER BY m.id) AS crew
    FROM dispatch_shiftmember m JOIN people_account p ON p.id = m.account_id WHERE m.shift_id = s.id
) m ON true
LEFT JOIN dispatch_assignment a
    ON a.unit_id = u.id AND a.cleared_at IS NULL AND a.declined_at IS NULL AND a.recalled_at IS NULL
LEFT JOIN dispatch_incident i ON i.id = a.incident_id
LEFT JOIN dispatch_unitposition p ON p.unit_id = u.id
LEFT JOIN LATERAL (
    SELECT x.cleared_at FROM dispatch_assignment x WHERE x.unit_id = u.id AND x.cleared_at IS NOT NULL
    ORDER BY x.cleared_at DESC LIMIT 1
) last ON true
WHERE u.active AND (%(unit_ids)s::bigint[] IS NULL OR u.id = ANY (%(unit_ids)s::bigint[]))
ORDER BY u.call_sign
