"""What templates need to show times, people, money and icons. Times are in the current zone: the hospital's."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from hms.lib import when as words

register = template.Library()
_CURRENT = format_html(' aria-current="{}"', "page")


@register.simple_tag
def icon(name, label=""):
    """An icon of the vendored sprite. Decoration unless it has a label."""
    if label:
        use = _use(name)
        return format_html('<svg class="icon" role="img" aria-label="{}">{}</svg>', label, use)
    return _decoration(name)


@cache
def _use(name):
    return format_html('<use href="{}#{}"></use>', static("vendor/bootstrap-icons/icons.svg"), name)


@cache
def _decoration(name):
    """Kept, since there are some seventy on a page, and names come from templates alone."""
    return format_html('<svg class="icon" aria-hidden="true">{}</svg>', _use(name))


@register.simple_tag
def menu_entries(places):
    """The places of a long menu, with a heading where one begins. A tag: there are thirty, twice on a page."""
    return format_html_join("", "{}", ((entry,) for entry in _entries(places)))


def _entries(places):
    above = ""
    for place in places:
        if place["under"] and place["under"] != above:
            above = place["under"]
            yield format_html('<li class="menu-title">{}</li>', above)
        current = _CURRENT if place.get("current") else ""
        yield format_html(
            '<li><a href="{}"{}>{}{}</a></li>', place["url"], current, _decoration(place["icon"]), place["label"]
        )


@register.simple_tag
def figure_rows(chart):
    """The rows of a chart's table. A tag: there may be hundreds of figures, and a template takes much longer."""
    labels = [conditional_escape(column) for column in chart.columns]
    # each part is escaped where it is put
    return mark_safe("".join(_figure_row(row, labels) for row in chart.rows))  # nosec B308 B703


def _figure_row(row, labels):
    cells = "".join(
        f'<td class="number" data-label="{label}" data-value="{conditional_escape(cell.plotted)}">'
        f"{_linked(cell.url, cell.shown)}</td>"
        for label, cell in zip(labels, row.cells, strict=True)
    )
    return f'<tr><th scope="row">{_linked(row.url, row.label)}</th>{cells}</tr>'


def _linked(url, words):
    """The words as HTML, as a link where there is an address."""
    shown = conditional_escape(words)
    return f'<a href="{conditional_escape(url)}">{shown}</a>' if url else shown


@register.filter(expects_localtime=True)
def when(at):
    """Tue 24 Nov, 09:30."""
    return words.moment(at, timezone.get_current_timezone(), timezone.now()) if at else ""


@register.filter
def distance(at):
    """In 2 days; 20 minutes ago. Takes an instant or a date."""
    if not at:
        return ""
    if not hasattr(at, "hour"):
        return words.day_distance((at - timezone.localdate()).days)
    return words.distance(at, timezone.get_current_timezone(), timezone.now())


@register.filter
def clock(at):
    """09:30; with its distance to UTC in the hour that comes twice."""
    return words.clock(at, timezone.get_current_timezone()) if at else ""


@register.filter
def day(at):
    """Tue 24 Nov, of an instant or a date; with the year when it is another one."""
    if not at:
        return ""
    date = timezone.localdate(at) if hasattr(at, "hour") else at
    return words.day(date, timezone.localdate())


@register.filter
def duration(minutes):
    """1 h 30 min."""
    return words.duration(minutes)


@register.filter
def age(born, until=None):
    """36 years, today or (for who has died) on the day given."""
    return words.age(born, until or timezone.localdate())


@register.filter
def money(amount, currency):
    """50.00 EUR."""
    return words.money(amount, currency)


@register.filter
def change(number):
    """+3, −2 or ±0: how much more than before."""
    return f"{number:+d}".replace("-", "−") if number else "±0"


@register.filter
def initials(name):
    """AM for Amara Mbeki."""
    return words.initials(name)
