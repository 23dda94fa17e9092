"""A chart is its table: every figure stands in it, with its column's name, its value for the script and its link."""

import pytest
from django.template.loader import render_to_string

from hms.lib.charts import Cell, Chart, Row


@pytest.fixture
def chart():
    rows = [
        Row("Mon 23 Nov", [Cell(12, url="/appointments/?from_day=2026-11-23"), Cell(9.5, text="9.5 h")]),
        Row("O'Brien <b>", [Cell(0), Cell(None)], url="/doctors/7/"),
    ]
    return Chart(
        "load", "Visits by day", "stacked", "Day", ["Booked", "Open"], rows, unit="visits", note="Each counts once."
    )


def test_every_figure_of_a_chart_stands_in_its_table_with_its_link(chart):
    page = render_to_string("partials/_chart.html", {"chart": chart})
    assert 'data-value="12"><a href="/appointments/?from_day=2026-11-23">12</a>' in page
    assert 'data-label="Open" data-value="9.500000">9.5 h</td>' in page
    assert 'data-label="Open" data-value="">–</td>' in page
    assert '<a href="/doctors/7/">O&#x27;Brien &lt;b&gt;</a>' in page


def test_a_chart_without_figures_says_so_and_keeps_its_table(chart):
    none = Chart("none", "Fees", "bar", "Month", ["Fees"], [Row("Nov", [Cell(0)])])
    assert chart.is_empty is False
    assert none.is_empty is True
    page = render_to_string("partials/_chart.html", {"chart": none})
    assert "data-empty" in page
    assert "Nothing to draw" in page
    assert 'data-value="0">0</td>' in page


def test_a_row_with_a_figure_too_many_is_a_mistake():
    wrong = Chart("x", "X", "bar", "Day", ["One"], [Row("Mon", [Cell(1), Cell(2)])])
    with pytest.raises(ValueError, match="longer"):
        render_to_string("partials/_chart_table.html", {"chart": wrong})


def test_what_stands_in_braces_stands_there_as_it_is():
    chart = Chart("x", "X", "bar", "Day", ["{0} & more"], [Row("{row}", [Cell(1, text="{1}", url="/?a=1&b={2}")])])
    page = render_to_string("partials/_chart_table.html", {"chart": chart})
    assert 'data-label="{0} &amp; more" data-value="1"><a href="/?a=1&amp;b={2}">{1}</a>' in page
    assert '<th scope="row">{row}</th>' in page
