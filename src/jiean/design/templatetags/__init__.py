"""Template tags of the design package."""
