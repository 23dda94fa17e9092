"""Who was told by telephone what a message could not tell. An app above knows the calls, the list of messages asks."""

from django.db.models import Q

_known = {}


def know(condition, columns):
    """For AppConfig.ready(): `condition()` is a Q on messages whose people were told by telephone, `columns()` gives
    expressions for told_at, told_by and told_note."""
    _known.update(condition=condition, columns=columns)


def condition():
    """A Q that holds for messages whose people were told by telephone; for none where nobody knows of calls."""
    return _known["condition"]() if _known else Q(pk__in=[])


def columns():
    """{name: expression} of when, by whom and with which note they were told."""
    return _known["columns"]() if _known else {}
