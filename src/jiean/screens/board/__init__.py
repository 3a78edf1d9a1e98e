"""The board: the queue, the incident, the units, and what the dispatcher does with them."""
