"""Doors of dispatch for programs: JSON under ``/api/v1``, and positions on a plain ASGI side of their own."""

from ninja import Router

router = Router(tags=["dispatch"])
