.PHONY: setup fast check messages bench
setup:
	uv sync --frozen
fast:
	uv run --frozen pytest tests/engine tests/house
check:
	uv run --frozen ruff format --check . && uv run --frozen ruff check .
	uv run --frozen lint-imports
	uv run --frozen mypy
	uv run --frozen pytest -n auto
messages:
	uv run --frozen python -m tests.house.catalogue
bench:
	uv run --frozen bench/run.py
