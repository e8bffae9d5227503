"""The product's settings for processes that a test starts: static files as they lie, as in the tests themselves."""

from certbody.settings import *  # noqa: F403  # this is the product's own settings module with one line changed
from certbody.settings import STORAGES as _STORAGES

STORAGES = _STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
