"""``jiean import KIND FILE``: one module a kind, each with ``run(path, say) -> exit code``."""
