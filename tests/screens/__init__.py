"""Tests of the screens and the design."""
