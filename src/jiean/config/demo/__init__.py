"""The demonstration: a town of its own, invented people, and a simulated day through the real doors."""
