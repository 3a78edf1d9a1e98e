"""The law's text: statutes and their articles, found by a lay question. Public, and without people.

Nouns: statute (one version of one law, with the days it holds), article (one numbered article of it),
lesson (a masked question somebody of the staff has said an article answers).
States: none; a statute holds from a day and may have ended on one.
Neighbours: calls only the kernel; no room below it knows of it.
"""
