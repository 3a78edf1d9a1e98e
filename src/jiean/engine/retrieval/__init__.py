"""Search in Chinese without a dictionary: postings, meaning, statutes for lay questions, and past cases like this one."""

from jiean.engine.retrieval.cases import Case, CaseLibrary
from jiean.engine.retrieval.postings import Postings, build, pieces, terms
from jiean.engine.retrieval.ranker import Ranker
from jiean.engine.retrieval.snippets import Part, holds, snippet
from jiean.engine.retrieval.statutes import Article, Asked, learn

__all__ = [
    "Article",
    "Asked",
    "Case",
    "CaseLibrary",
    "Part",
    "Postings",
    "Ranker",
    "build",
    "holds",
    "learn",
    "pieces",
    "snippet",
    "terms",
]
