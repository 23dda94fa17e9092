"""Words for what the audit trail holds; what pages with passkeys need; what mails look like."""

import json

from django import template
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from accounts import audit, letters, passkeys

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


@register.simple_tag
def mail_style():
    """The style sheet of mails, to stand in each: mail programs load nothing."""
    # a file of ours
    return mark_safe(letters.style())  # nosec B308 B703


@register.filter
def without_inline_style(html):
    """The HTML of a mail with a link in place of its style, which a page's content policy does not allow."""
    return letters.STYLE.sub(f'<link rel="stylesheet" href="{static("css/mail.css")}">', html, count=1)
