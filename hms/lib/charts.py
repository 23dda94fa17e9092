"""Charts as figures in a table: the page shows the table, static/js/charts.js draws from it what the eye takes in."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cell:
    """One figure: a number or None (there is none), how people read it, and where the rows behind it are listed."""

    value: float | int | None
    text: str | None = None
    url: str = ""

    @property
    def shown(self):
        """What stands in the table."""
        if self.text is not None:
            return self.text
        return "–" if self.value is None else str(self.value)

    @property
    def plotted(self):
        """The value for the script, whatever the reader's language; empty where there is none."""
        return "" if self.value is None else f"{self.value:f}" if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True)
class Row:
    """One line of figures, a Cell for each column; `url` leads to what the label names."""

    label: str
    cells: list[Cell]
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """Figures by day, by doctor, by month. `id` is its own on the page, `head` the heading over the labels.

    `sideways` draws bars from left to right, for labels that are names. `unit` stands at the axis.
    """

    id: str
    title: str
    kind: Literal["bar", "stacked", "line"]
    head: str
    columns: list[str]
    rows: list[Row]
    unit: str = ""
    note: str = ""
    sideways: bool = False

    @property
    def is_empty(self):
        """Whether there is nothing to draw."""
        return not any(cell.value for row in self.rows for cell in row.cells)
