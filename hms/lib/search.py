"""Finding people whatever the case, the accents and the hyphens, alike on SQLite and on PostgreSQL."""

import unicodedata

from django.db import models

from hms.lib.sounds import sound

# Letters that Unicode does not take apart into a letter and a mark.
ALIKE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "'": "", "’": "", "‘": "", "-": " "}
)


def fold(text):
    """Text as it is compared: no case, no accents on Latin letters, hyphens as spaces, single spaces."""
    letters = text.casefold()
    if not letters.isascii():
        apart = unicodedata.normalize("NFKD", letters)
        letters = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return " ".join(letters.translate(ALIKE).split())


class SearchField(models.TextField):
    """The folded words by which a row is found. The row's model names them in `search_words()`.

    Kept in step by save() and bulk_create(); whoever writes past both (`update()`) changes no searchable field.
    """

    def __init__(self, *args, **kwargs):
        kwargs |= {"editable": False, "blank": True, "default": ""}
        super().__init__(*args, **kwargs)

    def pre_save(self, instance, add):
        text = " ".join(fold(str(word)) for word in instance.search_words() if word)
        setattr(instance, self.attname, text)
        return text


class SoundField(SearchField):
    """How the words sound that the row's model names in `sound_words()`, with a blank before and behind each."""

    def pre_save(self, instance, add):
        text = heard(*instance.sound_words())
        setattr(instance, self.attname, text)
        return text


def heard(*texts):
    """What a SoundField holds of some texts."""
    words = [sound(word) for text in texts for word in fold(text).split()]
    return f" {' '.join(words)} " if words else ""


def words_in(text, field="search"):
    """A Q for the rows whose folded words contain every word of `text`."""
    condition = models.Q()
    for word in fold(text).split():
        condition &= models.Q(**{f"{field}__contains": word})
    return condition
