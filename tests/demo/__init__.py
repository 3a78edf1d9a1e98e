"""The demo town, its past and its day."""
