"""Whether the time of an answer tells who has an account: known and unknown addresses, side by side, over HTTP.

Each try names another address and comes from another network address, so that no limit answers in its place.
"""

import statistics
from urllib.parse import urlencode

PASSWORD = "a pass phrase for measuring"
FAIR = (0.9, 1.1)


def people(number):
    """Addresses of accounts that were just made, and as many that nobody has, alike in length."""
    from accounts.models import Role
    from accounts.services import create_user

    known = [f"known{count:04}@example.org" for count in range(number)]
    for email in known:
        create_user(email=email, name="Known Person", role=Role.PATIENT, password=PASSWORD, verified=True)
    return known, [f"nobody{count:03}@example.org" for count in range(number)]


def forms():
    """(what, path, the form for an address) of the pages that could tell known from unknown."""
    from django.urls import reverse

    yield "sign-in", reverse("account_login"), lambda email: {"login": email, "password": "not the right one"}
    yield "reset", reverse("account_reset_password"), lambda email: {"email": email}
    fields = {"name": "Some Body", "birth_date": "1980-02-03", "password1": PASSWORD, "password2": PASSWORD}
    fields["accept_privacy"] = "on"
    yield "registration", reverse("account_signup"), lambda email: fields | {"email": email}


def compare(url, fetch, number):
    """Print the medians of `number` interleaved tries each, and their ratio. Returns whether all are FAIR."""
    known, unknown = people(number)
    print(f"\n{'known or unknown address':28} {'known ms':>10} {'unknown ms':>11} {'ratio':>7} {'answers':>9}")
    fair, tries = True, 0
    for what, path, form in forms():
        spent, answers = {True: [], False: []}, {True: set(), False: set()}
        for number_of_pair, pair in enumerate(zip(known, unknown, strict=True)):
            order = (True, False) if number_of_pair % 2 else (False, True)
            for is_known in order:
                tries += 1
                body = urlencode(form(pair[0] if is_known else pair[1]))
                source = f"10.{tries >> 16}.{tries >> 8 & 255}.{tries & 255}"
                status, seconds = fetch(url, path, body=body, source=source)
                spent[is_known].append(seconds * 1000)
                answers[is_known].add(status)
        medians = statistics.median(spent[True]), statistics.median(spent[False])
        ratio = medians[0] / medians[1]
        alike = answers[True] == answers[False]
        fair = fair and alike and FAIR[0] <= ratio <= FAIR[1]
        said = "/".join(str(status) for status in sorted(answers[True] | answers[False]))
        print(f"{what:28} {medians[0]:>10.1f} {medians[1]:>11.1f} {ratio:>7.2f} {said:>9}{'' if alike else ' differ!'}")
    return fair
