"""Words for what the audit trail holds; and what pages with passkeys need."""

import json

from django import template

from accounts import audit, passkeys

register = template.Library()


@register.filter
def audit_action(action):
    """Visit booked, for appointment.booked."""
    return audit.words_for(action)


@register.filter
def as_json(value):
    """A value as JSON, for an attribute that a script reads."""
    return json.dumps(value)


@register.filter
def passkeys_possible(request):
    """Whether a browser can use passkeys at the address it has opened."""
    return passkeys.possible(request)
