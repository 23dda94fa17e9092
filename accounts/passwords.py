"""Passwords that are easy to guess on this very site. What is common everywhere is left to Django's validators."""

import re

from allauth.core import context
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = {
    *("administrator", "reception", "hospital", "password", "patient", "welcome"),
    *("clinic", "doctor", "health", "nurse", "admin", "hms"),
}
ENOUGH = 6  # letters that have to stand beside such words


class SiteWordsValidator:
    """Refuses a password that is little more than one of WORDS, or of the words of the hospital's own name."""

    def validate(self, password, user=None):
        left = password.casefold()
        for word in sorted({*WORDS, *words_of_the_hospital()}, key=len, reverse=True):
            left = left.replace(word, "")
        if left != password.casefold() and sum(letter.isalpha() for letter in left) < ENOUGH:
            raise ValidationError(_("This password is too easy to guess at a hospital."), code="password_site_words")

    def get_help_text(self):
        return _("Your password can’t be made of words like “hospital” or the name of this hospital.")


def words_of_the_hospital():
    """The longer words of the name that stands on every page; none at the terminal."""
    hospital = getattr(context.request, "hospital", None)
    return re.findall(r"\w{4,}", getattr(hospital, "name", "").casefold())
