"""Tests in a real Chromium: the board under the keyboard, the phone page, the broken line, and axe on every page."""
