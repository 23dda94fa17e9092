"""Words for what the audit trail holds."""

from django import template

from accounts import audit

register = template.Library()


@register.filter
def audit_action(action):
    """Visit booked, for appointment.booked."""
    return audit.words_for(action)
