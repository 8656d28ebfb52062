"""Collecting static files only when it is needed."""

import pytest

from clienteling.static_files import collect_changed


@pytest.fixture
def source(settings, tmp_path):
    """A shop with a single static file of its own."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "base.css").write_text("a {}")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    return folder


def collected(settings):
    return {path.name: path.read_text() for path in settings.STATIC_ROOT.iterdir()}


def test_files_are_collected_the_first_time(source, settings):
    assert collect_changed()
    assert collected(settings) == {"base.css": "a {}"}


def test_nothing_is_done_when_nothing_changed(source):
    collect_changed()

    assert not collect_changed()


def test_files_are_collected_again_when_one_is_written(source, settings):
    collect_changed()
    (source / "base.css").write_text("a { color: red }")

    assert collect_changed()
    assert collected(settings) == {"base.css": "a { color: red }"}


def test_file_that_is_gone_is_no_longer_served(source, settings):
    (source / "old.css").write_text("")
    collect_changed()
    (source / "old.css").unlink()

    assert collect_changed()
    assert collected(settings) == {"base.css": "a {}"}


def test_files_are_collected_again_when_the_collection_was_removed(source, settings):
    collect_changed()
    (settings.STATIC_ROOT / "base.css").unlink()
    settings.STATIC_ROOT.rmdir()

    assert collect_changed()
