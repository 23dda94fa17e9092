"""Bringing small lists, for tests."""

from django.conf import settings

from clinic import services
from clinic.models import Import

TWO = (
    "ID,Name,Date of birth,Sex,Phone,City,ZIP\n"
    "1,Anna Müller,1980-05-17,F,030 901820,Berlin,10115\n"
    "2,Bo Li,1991-01-02,m,,,\n"
)


def bring(text, *, kind="patients", by=None, encoding="utf-8", name="list.csv"):
    """A file with this text (or these bytes), brought and not checked yet."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return services.bring_import(kind, [content], name=name, by=by)


def check(imported, *, by=None, mapping=None, **options):
    """Its columns matched as guessed, or by `mapping`, and checked."""
    services.match_import(imported, mapping=imported.mapping | (mapping or {}), by=by, quiet=True, **options)
    services.work_import(imported.pk)
    imported.refresh_from_db()
    return imported


def run(imported, *, by=None):
    """Taken over."""
    services.run_import(imported, by=by, quiet=True)
    services.work_import(imported.pk)
    imported.refresh_from_db()
    return imported


def undo(imported, *, by=None):
    services.undo_import(imported, by=by, quiet=True)
    services.work_import(imported.pk)
    imported.refresh_from_db()
    return imported


def take_over(text, *, kind="patients", by=None, **options):
    """Brought, checked and run in one breath."""
    return run(check(bring(text, kind=kind, by=by), by=by, **options), by=by)


def said(imported):
    """[(row, column, sentence)] of what the page tells of single rows."""
    return [(problem["row"], problem["column"], problem["sentence"]) for problem in imported.problems]


def left_out(imported):
    """The text of the file with the rows that stay behind."""
    return services.left_behind_of(imported).read_text(encoding="utf-8-sig")


State = Import.State


def files():
    return sorted(path.name for path in settings.IMPORT_ROOT.iterdir())
