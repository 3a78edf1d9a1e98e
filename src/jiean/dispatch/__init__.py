"""Dispatch: incidents, the units that answer them, their shifts, positions and orders.

Nouns: an *incident* is a matter the police must answer; a *unit* is a crew with a call sign (patrol car, team, post); a
*shift* puts people on a unit for some hours; an *order* (``Assignment``) sends one unit to one incident and carries that
unit's own stamps; *advice* is what the engine proposed and what the person chose.

States of an incident: received → graded → dispatched → handled → fed back → reviewed → archived; besides merged,
referred, cancelled, unfounded, voided. A unit has no stored status: it follows from its shift and its open orders.

Neighbours: calls ``people``, ``grid``; is called by ``intake`` and ``screens``; announces what happened, so that intake can
answer the resident and boards can fetch afresh. Positions enter by a door of their own (``api/positions.py``).
"""
