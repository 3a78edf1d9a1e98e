"""How static files are named once they are gathered."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed; imports between our own ES modules follow the hashed names."""

    support_js_module_import_aggregation = True
