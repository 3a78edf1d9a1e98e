"""Where to put posts: p-median, maximal covering and expected covering, every answer with its proven gap.

Not modelled: capacities of sites and different opening costs.
"""

from jiean.engine.siting.covering import Covering, mclp, mexclp
from jiean.engine.siting.errors import Infeasible, SitingError
from jiean.engine.siting.pmedian import PMedian, pmedian

__all__ = ["Covering", "Infeasible", "PMedian", "SitingError", "mclp", "mexclp", "pmedian"]
