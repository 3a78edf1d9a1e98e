-- Open disputes counted twice in one reading of them: by kind and desk, and by cell.
-- Parameters: at (now), live (states of open disputes). Row: kind, desk_id, cell_id, code, name, lon, lat, open, late, ruling;
-- a row by cell has no kind, and no cell where the place is not known. Rests on disputes_live.
SELECT counted.kind, counted.desk_id, counted.cell_id, c.code, c.name, c.lon, c.lat, counted.open, counted.late, counted.ruling
FROM (
    SELECT kind, desk_id, cell_id, count(*) AS open, count(*) FILTER (WHERE due_at < %(at)s) AS late,
        count(*) FILTER (WHERE needs_ruling) AS ruling
    FROM disputes_dispute WHERE state = ANY(%(live)s)
    GROUP BY GROUPING SETS ((kind, desk_id), (cell_id))
) counted LEFT JOIN grid_cell c ON c.id = counted.cell_id
