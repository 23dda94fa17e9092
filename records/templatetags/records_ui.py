"""What templates need to show clinical rows. Works for rows and for the plain values of an earlier version."""

from django import template

from records import measures
from records.models import CodeSystem

register = template.Library()


@register.filter
def measured(row):
    """A measurement as people write it: 120 mmHg."""
    return measures.value_words(row)


@register.filter
def system_name(system):
    """The name of a code system: ICD-10."""
    return dict(CodeSystem.choices).get(system, "")
