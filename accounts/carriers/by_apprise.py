"""SMS and chat, by what the library Apprise speaks: SMS_URL and CHAT_URL are addresses of it, with {to} for whom.

Apprise says whether it worked, but not why not: whether nothing was sent, or perhaps something. So what its services do
over HTTP is watched where every request of the `requests` library passes, and the outcome judged from that.
"""

import re
from contextvars import ContextVar
from functools import wraps
from urllib.parse import quote, unquote

import phonenumbers
from django.conf import settings

from accounts.carriers.outcomes import Carrier, Doubtful, Refused, Unreachable
from accounts.models import Channel

URLS = {Channel.SMS: "SMS_URL", Channel.CHAT: "CHAT_URL"}
GOOGLE = re.compile(r"https://chat\.googleapis\.com/v1/spaces/([^/]+)/messages\?key=([^&]+)&token=([^&]+)")
ADDRESS = re.compile(r"[\w@#+.:=~/-]{1,254}", re.ASCII)
LATER = {401, 402, 403, 408, 425, 429}  # our account with the service, or too much at once: not this recipient's fault
UNCLEAR = {502, 504}  # said by something in between, which does not know whether the service has taken it
_watched = ContextVar("exchanges of the message that is being sent", default=None)


def is_offered(channel):
    """Whether the hospital has set this channel up."""
    return bool(getattr(settings, URLS[channel]))


def normalised(address, channel):
    """An address as it is kept: of a webhook of Google Chat only what tells it from others."""
    address = address.strip()
    if channel == Channel.CHAT and (found := GOOGLE.match(address)):
        return "/".join(unquote(part) for part in found.groups())
    return address


def why_not_sendable(address, channel):
    if not is_offered(channel):
        return "not set up any more"
    if not address:
        return "no phone number" if channel == Channel.SMS else "no address"
    if channel == Channel.SMS:
        return "" if _is_phone(address) else "not a phone number"
    if not ADDRESS.fullmatch(address) or _service(address, channel) is None:
        return "not an address of the chat"
    return ""


def _is_phone(address):
    try:
        return address.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return False


def _service(address, channel):
    """Apprise's object that sends to this address; None when there can be none."""
    from apprise import Apprise, AppriseAsset  # takes a while: only where something is sent

    url = getattr(settings, URLS[channel])
    kept = "/" if url.startswith("gchat://") else ""
    asset = AppriseAsset(http_redirects=False, storage_mode="memory")
    service = Apprise.instantiate(url.replace("{to}", quote(address, safe=kept)), asset=asset)
    if service:
        service.socket_connect_timeout = service.socket_read_timeout = settings.CARRIER_TIMEOUT
    return service


class Line(Carrier):
    """Sends by one channel. Each message is a conversation of its own."""

    def __init__(self, channel):
        self.channel = channel
        watch()

    def prepare(self, message):
        if obstacle := why_not_sendable(message.address, self.channel):
            raise Refused(obstacle, for_good=True)
        return _service(message.address, self.channel), message.text

    def send(self, ready):
        service, text = ready
        exchanges = []
        watching = _watched.set(exchanges)
        try:
            went = service.notify(body=text)
        finally:
            _watched.reset(watching)
        if not went:
            raise judge(exchanges)


def judge(exchanges):
    """What a failure was, from the answers (numbers) and errors that were seen on the way to it."""
    from requests import exceptions

    if not exchanges:
        return Doubtful("the service could not be used, and does not say whether anything went out")
    last = exchanges[-1]
    if any(isinstance(one, int) and one < 300 for one in exchanges[:-1]):
        return Doubtful(f"a part of it went out, then: {_words(last)}")
    if isinstance(last, int):
        return _judge_answer(last)
    if isinstance(last, exceptions.ReadTimeout):
        return Doubtful("the service did not answer in time", hangs=True)
    if isinstance(last, exceptions.ConnectTimeout | exceptions.SSLError | exceptions.ProxyError) or _never_met(last):
        return Unreachable(f"the service cannot be reached: {type(last).__name__}")
    return Doubtful(f"the connection broke while sending: {type(last).__name__}")


def _judge_answer(status):
    if status in UNCLEAR:
        return Doubtful(f"HTTP {status}: unclear whether the service has taken it")
    return Refused(f"HTTP {status}", for_good=400 <= status < 500 and status not in LATER)


def _never_met(error):
    """Whether a connection was not even made: nobody listens there, or nobody has that name."""
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def _words(one):
    return f"HTTP {one}" if isinstance(one, int) else type(one).__name__


def watch():
    """Note from now on what becomes of each HTTP request of a message that is being sent; of no other request."""
    from requests.adapters import HTTPAdapter

    original = HTTPAdapter.send
    if getattr(original, "is_watched", False):
        return

    @wraps(original)
    def send(self, *args, **kwargs):
        exchanges = _watched.get()
        if exchanges is None:
            return original(self, *args, **kwargs)
        try:
            response = original(self, *args, **kwargs)
        except Exception as error:
            exchanges.append(error)
            raise
        exchanges.append(response.status_code)
        return response

    send.is_watched = True
    HTTPAdapter.send = send
