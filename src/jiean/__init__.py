"""Jiean 皆安: the working platform of a neighbourhood police station."""
