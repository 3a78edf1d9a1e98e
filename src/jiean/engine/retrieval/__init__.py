"""Search in Chinese without a dictionary: postings, meaning, statutes for lay questions, and past cases like this one."""

from jiean.engine.retrieval.cases import Case, CaseLibrary
from jiean.engine.retrieval.postings import Postings, build, terms
from jiean.engine.retrieval.statutes import Article, Asked, Ranker, learn

__all__ = ["Article", "Asked", "Case", "CaseLibrary", "Postings", "Ranker", "build", "learn", "terms"]
