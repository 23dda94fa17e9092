"""How allauth works here: people are made by accounts.services, mails go through the outbox."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Our rules in allauth's hooks."""
