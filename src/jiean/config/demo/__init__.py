"""The demo town: its data, its loader and its simulated day."""
