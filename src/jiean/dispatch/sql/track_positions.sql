-- Purpose: add a batch of fixes of on-duty units to the thirty-day track; the same fix sent twice counts once.
-- Parameters: as newest_positions.sql. Row shape: none.
-- Rests on: primary key (slot, unit_id, at) of the day's partition; dispatch_shift_now.
INSERT INTO dispatch_positiontrack (slot, unit_id, at, lon, lat, heading)
SELECT dispatch_track_slot(f.at), f.unit_id, f.at, f.lon, f.lat, f.heading
FROM unnest(%(unit_ids)s::bigint[], %(lons)s::float8[], %(lats)s::float8[], %(headings)s::smallint[], %(ats)s::timestamptz[])
    AS f (unit_id, lon, lat, heading, at)
WHERE EXISTS (
    SELECT FROM dispatch_shift s
    WHERE s.unit_id = f.unit_id AND s.starts_at <= %(received_at)s AND s.ends_at > %(received_at)s
)
ON CONFLICT DO NOTHING
