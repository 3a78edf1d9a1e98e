-- Everything that hangs on one dispute, for its page: each row as JSON, with the name of its table.
-- Parameters: dispute (its id), kind (of its transitions and deadlines), flags_up (states), since (calls counted from then).
-- Row: part, held. Rests on the foreign keys' own indexes, transition_of_subject and the deadlines' index of their subject.
WITH legs AS (SELECT * FROM disputes_leg WHERE dispute_id = %(dispute)s),
     joined AS (SELECT * FROM disputes_joinedbody WHERE dispute_id = %(dispute)s),
     meetings AS (SELECT * FROM disputes_appointment WHERE dispute_id = %(dispute)s),
     papers AS (SELECT * FROM disputes_paper WHERE dispute_id = %(dispute)s AND content_id IS NOT NULL),
     rooms AS (SELECT * FROM disputes_room WHERE id IN (SELECT room_id FROM meetings))
SELECT 'party' AS part, to_jsonb(t) AS held FROM disputes_party t WHERE t.dispute_id = %(dispute)s
UNION ALL SELECT 'recusal', to_jsonb(t) FROM disputes_recusal t WHERE t.dispute_id = %(dispute)s
UNION ALL SELECT 'leg', to_jsonb(t) FROM legs t
UNION ALL SELECT 'joined', to_jsonb(t) FROM joined t
UNION ALL SELECT 'body', to_jsonb(t) FROM people_organisation t
    WHERE t.id IN (SELECT organisation_id FROM legs UNION SELECT sender_id FROM legs UNION SELECT organisation_id FROM joined)
UNION ALL SELECT 'meeting', to_jsonb(t) FROM meetings t
UNION ALL SELECT 'room', to_jsonb(t) FROM rooms t
UNION ALL SELECT 'premises', to_jsonb(t) FROM grid_premises t WHERE t.id IN (SELECT premises_id FROM rooms)
UNION ALL SELECT 'talk', to_jsonb(t) FROM disputes_talk t WHERE t.dispute_id = %(dispute)s
UNION ALL SELECT 'seat', to_jsonb(t) FROM disputes_seat t WHERE t.dispute_id = %(dispute)s AND t.left_at IS NULL
UNION ALL SELECT 'agreement', to_jsonb(t) FROM disputes_agreement t WHERE t.dispute_id = %(dispute)s
UNION ALL SELECT 'call_back', to_jsonb(t) FROM disputes_callback t WHERE t.dispute_id = %(dispute)s
UNION ALL SELECT 'other', jsonb_build_object('id', t.id, 'number', t.number, 'kind', t.kind, 'state', t.state)
    FROM disputes_dispute t WHERE t.joined_into_id = %(dispute)s
UNION ALL SELECT 'flag', to_jsonb(t) FROM disputes_flag t WHERE t.dispute_id = %(dispute)s AND t.state = ANY(%(flags_up)s)
UNION ALL SELECT 'step', to_jsonb(t) FROM disputes_protection t WHERE t.dispute_id = %(dispute)s AND t.ended_at IS NULL
UNION ALL SELECT 'look', to_jsonb(t) FROM disputes_pleaselook t WHERE t.dispute_id = %(dispute)s AND t.answer = ''
UNION ALL SELECT 'calls', to_jsonb(count(*)) FROM disputes_call t WHERE t.dispute_id = %(dispute)s AND t.at > %(since)s
UNION ALL SELECT 'paper', to_jsonb(t) FROM papers t
UNION ALL SELECT 'signed', jsonb_build_array(t.paper_id, count(*)) FROM disputes_signature t
    WHERE t.paper_id IN (SELECT id FROM papers) GROUP BY t.paper_id
UNION ALL SELECT 'clock', to_jsonb(t) FROM kernel_deadline t WHERE t.kind = %(kind)s AND t.subject_id = %(dispute)s
UNION ALL SELECT 'line', to_jsonb(t) FROM kernel_transition t WHERE t.kind = %(kind)s AND t.subject_id = %(dispute)s
