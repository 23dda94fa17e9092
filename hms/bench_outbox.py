"""How fast the outbox goes out: many reminders due at once, against a bare loop over the same mail server.

The mail server is a process of its own on loopback. One address among the rest is malformed; everything that went in
has to come out once, or stand on the list of what was not sent.
"""

import multiprocessing
import time
from collections import Counter

FAIR = 1 / 3  # of the bare loop: claiming, asking whether it still holds, and marking cost the rest
KIND = "bench.reminder"
TEXT = "Dear patient,\n\nyour visit is tomorrow at nine.\n" * 5
HTML = "<h1>Your visit tomorrow</h1>" + "<p>Dear patient,</p><p>your visit is tomorrow at nine.</p>" * 40  # about 2 KB


def serve(pipe):
    """The mail server's process: says its port, then how many mails it took whenever it is asked."""
    from accounts.tests.smtp import MailServer

    with MailServer() as server:
        pipe.send(server.port)
        while pipe.recv():
            pipe.send(len(server.mails))


class Post:
    """The mail server, and the settings that name it."""

    def __enter__(self):
        from django.conf import settings

        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", self.pipe.recv()
        return self

    def taken(self):
        self.pipe.send(True)
        return self.pipe.recv()

    def __exit__(self, *_):
        self.pipe.send(False)
        self.process.join(10)


def fill(number):
    """Reminders to somebody who agreed to them, all due; one of them goes to an address that is none."""
    from django.utils import timezone

    from accounts import outbox
    from accounts.models import Consent, ConsentKind, ConsentText, How, Message, MessageState, User

    user = User.objects.filter(role="patient", patient__isnull=False).first()
    text = ConsentText.objects.current().get(kind=ConsentKind.REMINDERS_EMAIL)
    Consent.objects.create(text=text, user=user, name=user.name, given=True, how=How.PAGE, by=user)
    Message.objects.filter(state__in=[MessageState.DUE, MessageState.FAILED]).update(state=MessageState.CLOSED)
    outbox.register(KIND, those_true=those_true, needs=outbox.REMINDERS, title="Reminder")
    rows = [
        Message(
            key=f"{KIND}:{count}",
            kind=KIND,
            recipient=user,
            recipient_name=user.name,
            address="nobody at all" if count == number // 2 else f"person{count}@example.org",
            about_id=user.patient.pk,
            subject="Your visit tomorrow",
            text=TEXT,
            html=HTML,
            next_try_at=timezone.now(),
        )
        for count in range(number)
    ]
    Message.objects.bulk_create(rows, batch_size=500)


def those_true(messages):
    """A question to the database about the rows they tell of, as reminders ask."""
    from clinic.models import Patient

    alive = Patient.objects.filter(died_on=None).in_bulk([message.about_id for message in messages])
    return {message.pk for message in messages if message.about_id in alive}


def sweep_all():
    """Seconds until nothing is due any more, and what became of the messages."""
    from accounts.models import MessageState
    from accounts.services import delivery

    begun, done = time.perf_counter(), Counter()
    while swept := delivery.sweep():
        done.update({MessageState(state).value: count for state, count in swept.items()})
    return time.perf_counter() - begun, done


def bare_loop(number):
    """Seconds for the same mails from a loop that knows no database, over one connection."""
    from django.core.mail import EmailMultiAlternatives, get_connection

    begun, connection = time.perf_counter(), get_connection()
    connection.open()
    for count in range(number):
        mail = EmailMultiAlternatives("Your visit tomorrow", TEXT, to=[f"person{count}@example.org"])
        mail.attach_alternative(HTML, "text/html")
        connection.send_messages([mail])
    connection.close()
    return time.perf_counter() - begun


def compare(number):
    """Print both rates and the counts. Returns whether the outbox is FAIR and nothing was lost or doubled."""
    with Post() as post:
        bare_spent = bare_loop(number // 2)
        before = post.taken()
        fill(number)
        spent, done = sweep_all()
        arrived = post.taken() - before
        bare_spent += bare_loop(number - number // 2)  # half before, half after: machines have moods
    bare, rate = number / bare_spent, number / spent
    words = ", ".join(f"{count} {state}" for state, count in sorted(done.items()))
    print(f"\n{number} reminders at once, one address malformed: {words}; {arrived} arrived")
    print(f"outbox {rate:.0f} a second, a bare loop {bare:.0f} a second: {rate / bare:.0%} of it")
    complete = sum(done.values()) == number and arrived == done["sent"] == number - 1
    if not complete:
        print("Messages were lost or doubled.")
    if rate < bare * FAIR:
        print("The outbox is slower than a third of the bare loop.")
    return complete and rate >= bare * FAIR
