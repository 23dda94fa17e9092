"""Uploaded pictures: known by their content, never stored as they came."""

import io
import secrets
import warnings

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_FILE = 8 * 1024 * 1024
MOST_PIXELS = 60_000_000  # decoding takes about 4 bytes for each; a telephone's photo has 12 to 50 million
LONGEST_SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"


def redrawn(upload, *, transparent=False):
    """The picture in an uploaded file, drawn anew: at most 512 pixels a side, upright, without metadata.

    JPEG, or PNG where transparency is to be kept. Returns a ContentFile with a random name. Raises ValidationError
    with a sentence for whoever uploaded it.
    """
    if upload.size > LARGEST_FILE:
        size = filesizeformat(LARGEST_FILE)
        raise ValidationError(_("The picture is too large. It may have up to %(size)s.") % {"size": size})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit stands below
            picture = Image.open(upload, formats=FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise ValidationError(
            _("This is not a picture we can read. Please choose a JPEG, PNG or WebP file.")
        ) from error
    with picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValidationError(_("The picture has too many pixels. Please make it smaller first."))
        return _drawn(picture, transparent)


def _drawn(picture, transparent):
    try:
        picture.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, IndexError, Image.DecompressionBombError) as error:
        raise ValidationError(_("The picture is damaged. Please choose another one.")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if not transparent:
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright.getchannel("A"))
        upright = paper
    kind = "PNG" if transparent else "JPEG"
    output = io.BytesIO()
    upright.save(output, kind, optimize=True)
    return ContentFile(output.getvalue(), name=f"{secrets.token_hex(12)}.{'png' if transparent else 'jpg'}")


class PictureField(forms.FileField):
    """An uploaded picture, redrawn. Cleans to a ContentFile, to what was there before, or to False: remove it."""

    widget = forms.ClearableFileInput(attrs={"accept": ACCEPT})

    def __init__(self, *, transparent=False, **kwargs):
        kwargs.setdefault(
            "help_text", _lazy("JPEG, PNG or WebP. We scale it to 512 pixels and remove what cameras add.")
        )
        super().__init__(**kwargs)
        self.transparent = transparent

    def clean(self, data, initial=None):
        given = super().clean(data, initial)
        return redrawn(given, transparent=self.transparent) if isinstance(given, UploadedFile) else given
