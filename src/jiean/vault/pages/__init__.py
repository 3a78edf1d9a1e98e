"""Pages at the vault's doors."""
