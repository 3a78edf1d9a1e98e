"""What intake does on news from below."""
