"""The ground itself, without people: town, communities, cells, premises and key points.

Nouns: town (the station's jurisdiction, one row), community (village or neighbourhood), cell (the smallest area somebody answers for),
premises (a market, a school, a rental …, with the token of its QR code), key point (a spot patrols visit), area draft (a map read
from a file and waiting for a yes).
States: an area draft is proposed → adopted | dropped; nothing else here has a life of its own.
Neighbours: calls only the kernel. Every room above asks it which cell holds a point; it knows none of them.
"""
