"""Staff: accounts, the roles they hold, the cells they answer for, the bodies they work for, and messages to them.

Nouns: account (one person's sign-in, never shared), role holding (a dated role, in force once a second person confirmed it), duty
(an account answers for a cell, from a day to a day; a cover stands in for another's duty), absence (dated, covers step in),
organisation (the 7+1 destinations of referral and other bodies), message (a coded notice to one account), staff draft (a table
read from a file and waiting for a yes).
States: a staff draft is proposed → adopted | dropped.
Neighbours: calls grid (cells). Rooms above ask it who acts, who answers for a cell, and where matters can be referred.
Residents, callers and parties are never here: they stand sealed in the vault, one record for one matter.
"""
