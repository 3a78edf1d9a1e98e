"""The twin: what would happen with other cars, other posts, other weather, played on the station's own ground.

Nouns: a *trial* is one scenario and what it showed: parameters, progress, result. Its calls are drawn from where and when
the station's incidents happened; its cars obey the rule the board ranks by. A *cell plan* is another division of the town
into cells, drafted by the engine, edited on the map, accepted for a day, and handed to the import of areas.

A *calculation* is posts, cells or expected calls being worked out: a plan's question with its answer.

States of a trial and of a calculation: waiting → running → done; besides stopped and failed. Of a cell plan: draft →
accepted → handed over; besides dropped.

Neighbours: reads ``grid`` and ``dispatch``; nobody calls it. Trials and calculations are carried out by jobs, and write nothing
but themselves and drafts; a cell plan is proposed to ``grid``, whose import writes.
"""
