"""Pages of disputes, split by who stands before them."""
