"""Doors of dispatch for programs: JSON under ``/api/v1``, and positions on a plain ASGI side of their own."""

from ninja import Router

from jiean.dispatch.api import incidents, units

router = Router(tags=["dispatch"])
router.add_router("", incidents.router)
router.add_router("", units.router)
