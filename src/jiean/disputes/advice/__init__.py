"""Advice of disputes: which desk fits, whom to propose as mediator. A person decides."""

from jiean.disputes.advice.desks import Proposal, fits, propose_desk
from jiean.disputes.advice.mediators import MediatorAdvice, rank_mediators

__all__ = ["MediatorAdvice", "Proposal", "fits", "propose_desk", "rank_mediators"]
