"""What became of visits over time, as a chart of which each figure leads to its list."""

from hms.figures.links import Links
from hms.lib.charts import Cell, Chart, Row
from records import figures


def over_time(period, by_day, statuses, *, ident, title, head, **more):
    """A stacked Chart of a Period: a row for each bar, a figure for each of [(status, label)], each with its list."""
    rows, links = [], Links()
    for label, days in period.bars:
        counts = figures.added(found for day, found in by_day.items() if days.first_day <= day <= days.last_day)
        cells = [Cell(counts[status], url=links.visits(days, status, **more)) for status, _label in statuses]
        rows.append(Row(label, cells))
    return Chart(ident, title, "stacked", head, [label for _status, label in statuses], rows)
