"""What clinic tells people by mail. The wording stands in templates/clinic/mail/."""

from clinic.notices import family, merging, people


def register():
    """For AppConfig.ready(): what the outbox asks before it sends."""
    family.register()
    merging.register()
    people.register()
