"""Uploaded pictures are redrawn, never kept as they came."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clinic import images

GPS = 0x8825
ORIENTATION = 0x0112


def upload(picture=None, kind="JPEG", content=None, **options):
    """A picture, or any bytes, as a browser sends it."""
    if content is None:
        output = io.BytesIO()
        picture.save(output, kind, **options)
        content = output.getvalue()
    return SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")


def drawn(size, colour="navy", mode="RGB"):
    return Image.new(mode, size, colour)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("RGB", "WEBP")]
)
def test_every_picture_becomes_a_small_jpeg(mode, kind):
    made = images.redrawn(upload(drawn((1600, 800), 0, mode), kind))
    with Image.open(made) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (512, 256))
    assert made.name.endswith(".jpg")


def test_a_small_picture_is_not_blown_up():
    with Image.open(images.redrawn(upload(drawn((40, 30))))) as picture:
        assert picture.size == (40, 30)


def test_where_and_when_it_was_taken_is_removed():
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(GPS)[1] = "N"
    made = images.redrawn(upload(drawn((60, 60)), exif=exif))
    with Image.open(made) as picture:
        assert dict(picture.getexif()) == {}


def test_a_picture_taken_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    with Image.open(images.redrawn(upload(drawn((60, 30)), exif=exif))) as picture:
        assert picture.size == (30, 60)


def test_transparency_is_kept_for_a_logo_and_white_for_a_photo():
    clear = drawn((10, 10), (0, 0, 0, 0), "RGBA")
    with Image.open(images.redrawn(upload(clear, "PNG"), transparent=True)) as logo:
        assert (logo.format, logo.getpixel((5, 5))[3]) == ("PNG", 0)
    with Image.open(images.redrawn(upload(clear, "PNG"))) as photo:
        assert min(photo.getpixel((5, 5))) > 250


def test_what_is_no_picture_is_refused_whatever_it_is_called():
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    gif = io.BytesIO()
    drawn((5, 5)).save(gif, "GIF")
    for content in (script, b"MZ\x90", gif.getvalue(), b"\xff\xd8\xff"):
        with pytest.raises(ValidationError, match="JPEG, PNG or WebP"):
            images.redrawn(upload(content=content))


def test_a_cut_off_picture_is_refused():
    whole = upload(Image.effect_noise((300, 300), 90)).read()
    with pytest.raises(ValidationError, match="damaged"):
        images.redrawn(upload(content=whole[: len(whole) // 2]))


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded():
    bomb = upload(drawn((12_000, 12_000), 0, "1"), "PNG")
    assert bomb.size < 100_000
    with pytest.raises(ValidationError, match="too many pixels"):
        images.redrawn(bomb)


def test_a_large_file_is_refused_with_its_limit(monkeypatch):
    monkeypatch.setattr(images, "LARGEST_FILE", 1024)
    with pytest.raises(ValidationError) as refusal:
        images.redrawn(upload(content=b"x" * 2000))
    assert refusal.value.messages == ["The picture is too large. It may have up to 1.0\xa0KB."]


def test_two_uploads_never_share_a_name():
    assert images.redrawn(upload(drawn((9, 9)))).name != images.redrawn(upload(drawn((9, 9)))).name
