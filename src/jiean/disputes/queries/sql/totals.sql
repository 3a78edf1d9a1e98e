-- How many accepted disputes stood how at a moment, from the one history of their moves.
-- Parameters: at (the moment). Row: stood, number. Rests on transition_of_subject.
-- A move into follow-up or to the end changes nothing of how mediation came out; a joined dispute counts under its lead.
WITH moved AS (
    SELECT DISTINCT ON (t.subject_id) t.subject_id, t.to_state
    FROM kernel_transition t
    WHERE t.kind = 'disputes.dispute' AND t.from_state <> '' AND t.at <= %(at)s
      AND t.to_state NOT IN ('FOLLOW_UP', 'CLOSED')
    ORDER BY t.subject_id, t.id DESC
), accepted AS (
    SELECT DISTINCT t.subject_id FROM kernel_transition t
    WHERE t.kind = 'disputes.dispute' AND t.to_state = 'ACCEPTED' AND t.from_state <> '' AND t.at <= %(at)s
)
SELECT CASE moved.to_state WHEN 'SETTLED' THEN 'settled' WHEN 'FAILED' THEN 'failed' WHEN 'WITHDRAWN' THEN 'withdrawn'
       WHEN 'REFERRED' THEN 'referred' WHEN 'JOINED' THEN 'joined' ELSE 'open' END AS stood, count(*) AS number
FROM accepted JOIN moved USING (subject_id) GROUP BY 1
