"""The doors of intake: the public form, the tracking page, the desk."""
