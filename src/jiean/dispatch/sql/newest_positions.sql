-- Purpose: keep the newest position of each on-duty unit in a batch; an older fix never overwrites a younger one.
-- Parameters: unit_ids bigint[], lons float8[], lats float8[], headings smallint[], ats timestamptz[] (one length), received_at.
-- Row shape: none. Rests on: primary key of dispatch_unitposition; dispatch_shift_now.
INSERT INTO dispatch_unitposition AS p (unit_id, lon, lat, heading, at, received_at)
SELECT DISTINCT ON (f.unit_id) f.unit_id, f.lon, f.lat, f.heading, f.at, %(received_at)s
FROM unnest(%(unit_ids)s::bigint[], %(lons)s::float8[], %(lats)s::float8[], %(headings)s::smallint[], %(ats)s::timestamptz[])
    AS f (unit_id, lon, lat, heading, at)
WHERE EXISTS (
    SELECT FROM dispatch_shift s
    WHERE s.unit_id = f.unit_id AND s.starts_at <= %(received_at)s AND s.ends_at > %(received_at)s
)
ORDER BY f.unit_id, f.at DESC
ON CONFLICT (unit_id) DO UPDATE
SET lon = excluded.lon, lat = excluded.lat, heading = excluded.heading, at = excluded.at, received_at = excluded.received_at
WHERE p.at < excluded.at
