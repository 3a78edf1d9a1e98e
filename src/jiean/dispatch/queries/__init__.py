"""Every read of dispatch."""
