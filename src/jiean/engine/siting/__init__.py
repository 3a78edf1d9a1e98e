"""Where to put posts: p-median, maximal covering and expected covering, every answer with its proven gap.

Existing, wanted and impossible sites, opening costs within a budget, and capacities. Not modelled: sites of several sizes
to choose from, and demand that goes elsewhere when its site is full.
"""

from jiean.engine.siting.covering import Covering, mclp, mexclp
from jiean.engine.siting.errors import Infeasible, SitingError
from jiean.engine.siting.pmedian import PMedian, pmedian
from jiean.engine.siting.wishes import Aim, Wishes, sited

__all__ = ["Aim", "Covering", "Infeasible", "PMedian", "SitingError", "Wishes", "mclp", "mexclp", "pmedian", "sited"]
