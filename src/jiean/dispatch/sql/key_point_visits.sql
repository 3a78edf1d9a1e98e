-- Purpose: for each active key point, how often a unit stayed there long enough since a moment, and how often one only passed.
-- Parameters: since, until timestamptz; slots smallint[] (the partitions that hold that span); radius_m; gap_s (longest silence
-- within one stay). Row shape: KeyPointRow in queries/patrols.py.
-- Rests on: partitions of dispatch_positiontrack by day; a hash join on squares of the ground at least a radius wide, so that
-- each fix is measured against the few points near it only.
WITH point AS (
    SELECT id, name, kind, lon, lat, dwell_min, visits_per_shift FROM grid_keypoint WHERE active
), near AS (
    SELECT p.*, floor(p.lat * 1000)::int + i AS row, floor(p.lon * 500)::int + j AS col
    FROM point p, generate_series(-1, 1) i, generate_series(-1, 1) j
), inside AS (
    SELECT n.id, t.unit_id, t.at
    FROM dispatch_positiontrack t
    JOIN near n ON n.row = floor(t.lat * 1000)::int AND n.col = floor(t.lon * 500)::int
    WHERE t.slot = ANY (%(slots)s::smallint[]) AND t.at >= %(since)s AND t.at < %(until)s
      AND 111320.0 * sqrt(power(t.lat - n.lat, 2) + power((t.lon - n.lon) * cos(radians(n.lat)), 2)) <= %(radius_m)s
), marked AS (
    SELECT id, unit_id, at,
           coalesce(extract(epoch FROM at - lag(at) OVER (PARTITION BY id, unit_id ORDER BY at)) > %(gap_s)s, true)::int AS fresh
    FROM inside
), stay AS (
    SELECT id, unit_id, at, sum(fresh) OVER (PARTITION BY id, unit_id ORDER BY at) AS number FROM marked
), span AS (
    SELECT id, extract(epoch FROM max(at) - min(at)) AS length_s FROM stay GROUP BY id, unit_id, number
)
SELECT p.id, p.name, p.kind, p.dwell_min, p.visits_per_shift,
       count(s.id) FILTER (WHERE s.length_s >= 60 * p.dwell_min)::int AS visits,
       count(s.id) FILTER (WHERE s.length_s < 60 * p.dwell_min)::int AS passes
FROM point p LEFT JOIN span s ON s.id = p.id
GROUP BY p.id, p.name, p.kind, p.dwell_min, p.visits_per_shift
ORDER BY p.name
