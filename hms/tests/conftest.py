"""The world of pages that several files walk through; what takes seconds to make is made once for each of them."""

import pytest
from django.test import override_settings

from hms.tests.world import World, for_a_module


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The acceptance seed with its files. What a test changes is taken back; what this makes is there for the file."""
    folder = tmp_path_factory.mktemp("world")
    with (
        override_settings(MEDIA_ROOT=folder / "media", EXPORT_ROOT=folder / "exports"),
        for_a_module(django_db_blocker),
    ):
        yield World()
