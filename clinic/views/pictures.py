"""Photos of doctors and the hospital's logo. Everybody may see them; only what we drew ourselves is served."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import condition

from accounts.access import PUBLIC, access
from clinic.models import Doctor

KEPT = 60 * 60 * 24 * 7  # seconds; a new picture has a new address
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


def served(picture):
    """A stored picture as an answer. 404 when there is none, or its file is gone."""
    kind = TYPES.get(picture.name.rpartition(".")[2]) if picture else None
    if kind is None or not picture.storage.exists(picture.name):
        raise Http404
    with picture.open("rb") as stored:
        response = HttpResponse(stored.read(), content_type=kind)
    response["Cache-Control"] = f"public, max-age={KEPT}"
    return response


@access(PUBLIC, object="doctors one may see")
def doctor_photo(request, pk):
    return served(get_object_or_404(Doctor.objects.visible_to(request.user), pk=pk).photo)


def logo_name(request):
    """What changes whenever the logo does."""
    return f'"{request.hospital.logo.name}"'


@access(PUBLIC)
@condition(etag_func=logo_name)
def hospital_logo(request):
    response = served(request.hospital.logo)
    response["Cache-Control"] = "public, max-age=300"  # its address stays the same
    return response


hospital_logo.about_nobody = True
