"""How long broken glass stays open, and until when somebody else must have looked at why (TRUST, section 6)."""

import datetime as dt

GLASS_LASTS = dt.timedelta(minutes=60)
REVIEW_WITHIN = dt.timedelta(hours=72)
HIDDEN_AT_MOST = dt.timedelta(days=90)
"""A look may be kept from the resident for a dated reason, looked at again after this long (TRUST, section 10)."""
REASON_LEAST = 10
