"""Disputes: from the first word to the kept promise. Registered, diverted to one of eight desks, mediated, settled, followed up.

Nouns: dispute (what two or more are at odds about), party (one of them, in one standing; who it is lies in the vault), leg (one
sending to a desk: signed for, refused, recalled), desk rule (which desk takes what), agreement (terms and how they are kept,
version by version), profile (a mediator as the register has them, with certificates), team and seat (who sits beside the mediator),
hive post (services, hours, rota; its place is the ground's) and ticket (a number of its queue, without a name),
recusal (who does not mediate one dispute), talk (one meeting; its notes are sealed), call-back (whether the promise is kept).
States: registered → diverted → accepted → mediating → settled | failed → in follow-up → closed; also withdrawn, referred, not taken,
joined. Exactly one desk answers for a dispute at any moment: the column cannot be empty, and moves only when another has signed.
Neighbours: calls grid, people, vault; is called by dispatch (a disposition) and intake (a report); tells what happened by events.
"""
