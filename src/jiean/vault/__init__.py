"""Personal records, each sealed for one matter: masked by default, opened for a purpose, erased with the matter.

Nouns: matter (a report, incident, dispute … that a record belongs to), matter key (a data key, wrapped by a station key that lies
outside the database), sealed record (one human in one role in one matter), purpose (why it is opened, from a closed list).
There is no person table and no key that two records share: the keyed digest for exact look-up holds within one kind of record only.
States: none; a record is sealed, may be opened, and is gone with its matter's key.
Neighbours: calls only the kernel. A room above registers, for its kind of matter, who holds one; the vault asks it before opening.
"""
