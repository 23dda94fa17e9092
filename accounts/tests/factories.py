"""Accounts, for tests."""

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from accounts import consents, kinds
from accounts.models import Consent, ConsentKind, How, Message, Role, User
from accounts.roles import GROUPS

kinds.register("test", title="Test")
PASSWORD = "a long enough pass phrase"


class UserFactory(DjangoModelFactory):
    """A person who may sign in: in the group of the role, e-mail address confirmed, password PASSWORD.

    The privacy notice is accepted; `consents=[…]` names other kinds, or none at all.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.org")
    name = factory.Sequence(lambda number: f"Person Example {number}")
    role = Role.PATIENT
    is_staff = factory.LazyAttribute(lambda user: user.role == Role.ADMIN)
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def group(self, create, extracted, **kwargs):
        if create:
            self.groups.add(Group.objects.get(name=GROUPS[self.role]))
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    @factory.post_generation
    def consents(self, create, extracted, **kwargs):
        if create:
            for kind in [ConsentKind.PRIVACY] if extracted is None else extracted:
                text = consents.current(kind)
                Consent.objects.create(text=text, user=self, name=self.name, given=True, how=How.SETUP, by=self)


class MessageFactory(DjangoModelFactory):
    """A message that is due now."""

    class Meta:
        model = Message

    key = factory.Sequence(lambda number: f"test:{number}")
    kind = "test"
    recipient_name = "Ada Okafor"
    address = factory.Sequence(lambda number: f"ada{number}@example.org")
    subject = "Your visit"
    text = "Tuesday at nine.\n"
