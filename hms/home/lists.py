"""Where the visits behind a figure of a dashboard are listed."""

from urllib.parse import urlencode

from django.urls import reverse

from hms.lib.charts import Cell, Chart, Row
from records import figures


def visits(days, status="", **more):
    """The list of visits that begin on these days, with that status, or whatever became of them."""
    query = {"when": "all", "from_day": days.first_day, "to_day": days.last_day, "status": str(status), **more}
    chosen = {name: value for name, value in query.items() if value}
    return f"{reverse('scheduling:appointment-list')}?{urlencode(chosen)}"


def over_time(period, by_day, statuses, *, ident, title, head, **more):
    """A stacked Chart of a Period: a row for each bar, a figure for each of [(status, label)], each with its list."""
    rows = []
    for label, days in period.bars:
        counts = figures.added(found for day, found in by_day.items() if days.first_day <= day <= days.last_day)
        cells = [Cell(counts[status], url=visits(days, status, **more)) for status, _label in statuses]
        rows.append(Row(label, cells))
    return Chart(ident, title, "stacked", head, [label for _status, label in statuses], rows)
