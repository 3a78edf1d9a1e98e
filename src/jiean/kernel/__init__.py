"""The ground every room stands on: command, access, workflow, events, live, jobs, clocks, audit, errors, geo, sql.

Nouns: actor (who acts, in which role), permission (what a role may do over which rows), deed (one command in one
transaction), transition (one line of a matter's history), event (a fact told upstairs), deadline (a frozen due time),
audit entry (who did what, and when). The kernel knows no room. Rooms hand it what it needs at start-up: grants,
reactions, a source of sessions.
"""
