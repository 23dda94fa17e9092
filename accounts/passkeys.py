"""Where passkeys work: browsers tie them to a name, over https or on localhost, and never to a bare address."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port


def site(request):
    """The name that passkeys made here belong to."""
    return split_domain_port(request.get_host())[0]


def possible(request):
    """Whether a browser can make and use passkeys at the address it has opened."""
    name = site(request)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return request.is_secure() and not is_address(name)


def is_address(name):
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def where_they_work():
    """The address of this site at which passkeys work; empty when it has none."""
    parts = urlsplit(settings.PUBLIC_URL)
    if settings.LOOPBACK:
        return f"http://localhost:{parts.port}" if parts.port else "http://localhost"
    return "" if is_address(parts.hostname) else settings.PUBLIC_URL
