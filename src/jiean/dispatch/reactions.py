"""On news: orders nobody signs for."""
