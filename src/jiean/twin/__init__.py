"""The twin: what would happen with other cars, other posts, other weather, played on the station's own ground.

Nouns: a *trial* is one scenario and what it showed: parameters, progress, result. Its calls are drawn from where and when
the station's incidents happened; its cars obey the rule the board ranks by. A *cell plan* is another division of the town
into cells, drafted by the engine, edited on the map, accepted for a day, and handed to the import of areas.

States of a trial: waiting → running → done; besides stopped and failed. Of a cell plan: draft → accepted → handed over;
besides dropped.

Neighbours: reads ``grid`` and ``dispatch``; nobody calls it. A trial is carried out by a job, and writes nothing but
itself; a cell plan is proposed to ``grid``, whose import writes.
"""
