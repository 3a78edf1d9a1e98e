"""Measurements: ratios taken in one run against a named reference on the same machine. Nothing here is a test."""
