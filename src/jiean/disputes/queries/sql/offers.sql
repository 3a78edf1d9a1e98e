-- What a dispute's page offers to choose from: each row as JSON, with the name of its part; parts that were not asked for are not read.
-- Parameters: parts (names), role (of who may mediate; empty: whoever is in the register), only (an account, or null), at (now),
-- live (states of open disputes), most (mediators). Row: part, held.
-- Rests on disputes_of_mediator, people_role_held_once and the foreign keys' own indexes; the other tables hold dozens of rows.
SELECT 'mediator' AS part, to_jsonb(one) AS held FROM (
    SELECT a.id, a.name, coalesce(o.name, '') AS body, to_jsonb(p) AS profile, to_jsonb(base) AS base,
        (SELECT jsonb_agg(to_jsonb(c)) FROM disputes_certificate c WHERE c.mediator_id = p.id) AS papers,
        (SELECT count(*) FROM disputes_dispute d WHERE d.mediator_id = a.id AND d.state = ANY(%(live)s)) AS load,
        EXISTS (SELECT FROM people_absence b WHERE b.account_id = a.id AND b.since <= %(at)s AND b.until > %(at)s) AS away
    FROM people_account a
    LEFT JOIN people_organisation o ON o.id = a.organisation_id
    LEFT JOIN disputes_profile p ON p.account_id = a.id
    LEFT JOIN grid_premises base ON base.id = p.base_id
    WHERE 'mediator' = ANY(%(parts)s) AND (%(only)s::bigint IS NULL OR a.id = %(only)s)
        AND CASE WHEN %(role)s = '' THEN p.id IS NOT NULL
            ELSE a.is_active AND EXISTS (SELECT FROM people_roleholding h WHERE h.account_id = a.id AND h.role = %(role)s
                AND h.confirmed_at IS NOT NULL AND h.since <= %(at)s AND (h.until IS NULL OR h.until > %(at)s)) END
    ORDER BY a.id LIMIT %(most)s
) one
UNION ALL SELECT 'desk', to_jsonb(t) FROM people_organisation t
    WHERE 'desk' = ANY(%(parts)s) AND t.active AND (t.kind = 'destination' OR t.code = 'police')
UNION ALL SELECT 'rule', to_jsonb(t) FROM disputes_deskrule t WHERE 'rule' = ANY(%(parts)s) AND t.active
UNION ALL SELECT 'room', jsonb_build_array(to_jsonb(t), to_jsonb(g)) FROM disputes_room t JOIN grid_premises g ON g.id = t.premises_id
    WHERE 'room' = ANY(%(parts)s) AND t.active AND g.active
UNION ALL SELECT 'team', jsonb_build_array(to_jsonb(t), (
        SELECT jsonb_agg(jsonb_build_array(coalesce(a.name, ''), m.calling) ORDER BY m.id)
        FROM disputes_teammember m LEFT JOIN people_account a ON a.id = m.account_id WHERE m.team_id = t.id))
    FROM disputes_team t WHERE 'team' = ANY(%(parts)s) AND t.active
