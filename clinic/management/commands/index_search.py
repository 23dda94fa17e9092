"""Make the trigram indexes by which names are found on PostgreSQL, once the extension may be created."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from hms.lib import trigrams


class Command(BaseCommand):
    help = "Make the indexes for finding names on PostgreSQL. Needed once, where migrate could not make them."

    def handle(self, **options):
        if connection.vendor != "postgresql":
            self.stdout.write(_("SQLite needs no index for this."))
        elif trigrams.make(connection):
            self.stdout.write(_("The indexes are there."))
        else:
            problem = _("The extension pg_trgm cannot be created. Once, as a superuser in this database: %(sql)s")
            raise CommandError(problem % {"sql": "CREATE EXTENSION pg_trgm"})
