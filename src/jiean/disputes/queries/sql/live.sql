-- Open disputes counted in one reading of them: by kind and desk, by cell, by source, by age, by the post they were told at.
-- Parameters: at (now), live (states of open disputes), young, grown, old (moments before which they are of the next age).
-- Row: part, kind, desk_id, cell_id, code, name, lon, lat, channel, age (0 to 3), post_id, open, late, ruling; what a part is not counted by
-- is null. Rests on disputes_live.
WITH told AS (
    SELECT kind, desk_id, cell_id, channel, post_id, due_at, needs_ruling,
        CASE WHEN registered_at > %(young)s THEN 0 WHEN registered_at > %(grown)s THEN 1
            WHEN registered_at > %(old)s THEN 2 ELSE 3 END AS age
    FROM disputes_dispute WHERE state = ANY(%(live)s)
), counted AS (
    SELECT CASE 0 WHEN grouping(kind) THEN 'desk' WHEN grouping(cell_id) THEN 'cell' WHEN grouping(channel) THEN 'source'
            WHEN grouping(age) THEN 'age' ELSE 'post' END AS part,
        kind, desk_id, cell_id, channel, age, post_id, count(*) AS open, count(*) FILTER (WHERE due_at < %(at)s) AS late,
        count(*) FILTER (WHERE needs_ruling) AS ruling
    FROM told GROUP BY GROUPING SETS ((kind, desk_id), (cell_id), (channel), (age), (post_id))
)
SELECT n.part, n.kind, n.desk_id, n.cell_id, c.code, coalesce(c.name, place.name) AS name, c.lon, c.lat, n.channel, n.age, n.post_id,
    n.open, n.late, n.ruling
FROM counted n
LEFT JOIN grid_cell c ON c.id = n.cell_id
LEFT JOIN disputes_hivepost p ON p.id = n.post_id
LEFT JOIN grid_premises place ON place.id = p.premises_id
