"""The words a hospital begins with. It writes its own on the page "Consent texts"."""

from django.db import migrations
from django.utils import timezone

PRIVACY = """\
We are the hospital whose name stands on these pages. We keep what is needed to treat you: who you are, how we reach you, your visits, and what your doctors write in your record.

We may do so because you have asked us to treat you, and because the law obliges us to keep a record of it. How long we keep the record is set by that law; closing your account does not shorten it.

Your record is read by you, by the doctors who treat you and, in an emergency, by another doctor who must give a reason. Reception and administration see your name, your contact data and your visits, and never what your doctors write. Every opening of your record is written down, and you can read who it was.

We pass on nothing to anybody else unless you ask us to, or a law makes us. There is no advertising here and nobody follows what you do.

You may see what we keep about you, take a copy, have mistakes put right, and complain to the authority for data protection. Ask at the reception, or write to the address at the foot of the page.

We send you what belongs to your visits and to your account: that a visit is booked, moved or cancelled, or that your password has changed. Reminders we send only if you want them."""

DATA_USE = """\
You may allow us to use what is in your record to see how well we treat people, to teach, and for medical research.

Whoever works with it gets it without your name, address, telephone number and date of birth.

Your treatment is the same whether you say yes or no. You can change your mind at any time; what was counted until then stays counted."""

REMINDERS_EMAIL = """\
You may let us remind you of your visits by e-mail.

A reminder says when and where your visit is. It says nothing about your health. E-mail passes through companies that we do not know.

Whether a visit is booked, moved or cancelled we tell you in any case. You can stop the reminders at any time."""

REMINDERS_SMS = """\
You may let us remind you of your visits by text message to your telephone.

A reminder says when and where your visit is. It says nothing about your health. Who looks at your telephone can read it.

You can stop the reminders at any time."""

TEXTS = {
    "privacy": PRIVACY,
    "data_use": DATA_USE,
    "reminders_email": REMINDERS_EMAIL,
    "reminders_sms": REMINDERS_SMS,
}


def publish(apps, schema_editor):
    texts = apps.get_model("accounts", "ConsentText").objects
    now = timezone.now().replace(microsecond=0)  # as a backup in JSON would say it: the row never changes
    for kind, text in TEXTS.items():
        if not texts.filter(kind=kind).exists():
            texts.create(kind=kind, number=1, counts_from=1, text=text, published_at=now)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_consents")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
