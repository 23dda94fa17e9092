"""Prints who may open what."""

import json

from django.core.management.base import BaseCommand

from accounts.models import Role
from hms.access import declared


class Command(BaseCommand):
    help = "Print every URL pattern with its methods, the roles that may open it, and the rule for its rows."

    def add_arguments(self, parser):
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="as JSON (the default)")
        form.add_argument("--markdown", action="store_true", help="as the page docs/access.md")

    def handle(self, *args, markdown, **options):
        if markdown:
            self.stdout.write(as_markdown(declared()), ending="")
        else:
            self.stdout.write(json.dumps([url.as_json() for url in declared()], indent=2))


INTRODUCTION = """# Who may open what

Made by `python manage.py access_matrix --markdown > docs/access.md` from what each view declares; a test compares.

Roles hold permissions through their groups, which an administrator can refine; the table shows the default. A role
that may not open a page gets 403. Which rows one sees follows from the role alone: what is not yours is 404, exactly
as if it were not there. Who is not signed in is sent to sign-in and back. HEAD and OPTIONS go with GET.

"""


def as_markdown(urls):
    """The table, one line per URL pattern; Django's administration site in a table of its own."""
    pages = [url for url in urls if not url.route.startswith("/admin/")]
    administration = [url for url in urls if url.route.startswith("/admin/")]
    return (
        INTRODUCTION
        + table(pages)
        + "\n## Django's administration site\n\nFor administrators alone, and there for who holds the permission.\n\n"
        + table(administration)
    )


def table(urls):
    heads = ["Address", "Methods", "Permission", *(str(role.label) for role in Role), "Which rows"]
    lines = [heads, ["---"] * len(heads), *(cells(url) for url in urls)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(url):
    marks = ["✓" if url.roles is None or role in url.roles else "" for role in Role]
    audience = "anybody" if url.roles is None else url.audience
    return [f"`{url.route}`", " ".join(url.methods), audience, *marks, url.rows]
