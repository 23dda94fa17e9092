"""What clinic tells people by mail. The wording stands in templates/clinic/mail/."""

from clinic.notices import family, mails, merging, people


def register():
    """For AppConfig.ready(): what the outbox asks before it sends, and what the hospital may reword."""
    family.register()
    mails.register()
    merging.register()
    people.register()
