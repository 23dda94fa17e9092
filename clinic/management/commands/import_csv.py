"""Takes over a list of doctors or patients: the same as the pages under Imports."""

from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from clinic import services
from clinic.forms.imports import missing
from clinic.importing import targets
from clinic.importing.values import DATE_ORDERS
from clinic.models import Import
from hms.lib.csvfile import ENCODINGS
from hms.lib.errors import Refused

CHUNK = 1 << 16
WORDS = {
    "rows": "rows",
    "new": "new",
    "there": "there already",
    "differs": "there with other data",
    "alike": "likely duplicates",
    "error": "errors",
}
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


class Command(BaseCommand):
    help = "Take over a CSV file with doctors or patients. What is right is imported, the rest is told row by row."

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=["doctors", "patients"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", nargs="*", default=[], metavar="FIELD=COLUMN",
            help="beside what is guessed by name; COLUMN is a column's name or its number from 1, empty for none",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, keep nothing")
        parser.add_argument("--encoding", choices=list(ENCODINGS))
        parser.add_argument("--delimiter", choices=list(NAMED))
        parser.add_argument("--no-heading", action="store_true", help="the first row is a person")
        parser.add_argument("--dates", choices=list(DATE_ORDERS), help="day, month and year in which order")
        parser.add_argument("--take-alike", action="store_true", help="import who looks like somebody who is there")
        parser.add_argument("--make-departments", action="store_true", help="make departments that are not there")
        parser.add_argument("--source", default="", help="the other system's name, where numbers could clash")
        parser.add_argument("--by", metavar="EMAIL", help="the administrator in whose name it is done")

    def handle(self, *, kind, file, **options):
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            self.take_over(kind, file, self.person(options["by"]), options)
        except Refused as refusal:
            raise CommandError(f"Nothing was imported. {refusal}") from refusal

    def person(self, address):
        if not address:
            return None
        found = User.objects.filter(email=address.lower()).first()
        if found is None or not found.has_perm("clinic.import_people"):
            raise CommandError("There is no account with this address that may import.")
        return found

    def take_over(self, kind, file, by, options):
        with file.open("rb") as stream:
            imported = services.bring_import(kind, iter(partial(stream.read, CHUNK), b""), name=file.name, by=by)
        try:
            self.match(imported, by, options)
        except (Refused, CommandError):
            services.discard_import(imported, by=by)
            raise
        self.tell(imported)
        if options["dry_run"]:
            services.discard_import(imported, by=by)
            self.stdout.write("Nothing was kept: a dry run.")
            return
        services.run_import(imported, by=by, quiet=True)
        self.work(imported)
        self.stdout.write(f"{imported.rows.count()} imported. Import {imported.pk} can be undone under /imports/.")

    def match(self, imported, by, options):
        form = {name: options[name] or getattr(imported, name) for name in ("encoding", "delimiter")}
        form["delimiter"] = NAMED.get(form["delimiter"], form["delimiter"])
        form["has_heading"] = imported.has_heading and not options["no_heading"]
        if any(form[name] != getattr(imported, name) for name in form):
            imported = services.reread_import(imported, by=by, **form)
        mapping = self.mapping(imported, options["mapping"])
        chosen = {"dates": options["dates"] or imported.dates, "source": options["source"][:12]}
        chosen["alike"] = Import.Alike.TAKE if options["take_alike"] else Import.Alike.LEAVE
        makes = options["make_departments"]
        chosen["unknown_departments"] = Import.Departments.MAKE if makes else Import.Departments.REFUSE
        services.match_import(imported, mapping=mapping, by=by, quiet=True, **chosen)
        self.work(imported)

    def mapping(self, imported, given):
        mapping, fields = dict(imported.mapping), {target.name for target in targets.OF[imported.kind]}
        for pair in given:
            field, _is, column = pair.partition("=")
            if field not in fields:
                raise CommandError(f"There is no field {field}. There are: {', '.join(sorted(fields))}.")
            mapping.pop(field, None)
            if column:
                mapping[field] = self.column(imported, column)
        if problems := list(missing(imported.kind, mapping)):
            raise CommandError(" ".join(f"{field}: {sentence}" for field, sentence in problems))
        return mapping

    def column(self, imported, column):
        if column in imported.columns:
            return imported.columns.index(column)
        if column.isascii() and column.isdigit() and 0 < int(column) <= len(imported.columns):
            return int(column) - 1
        raise CommandError(f"There is no column {column}. There are: {', '.join(imported.columns)}.")

    def work(self, imported):
        done = services.work_import(imported.pk)
        imported.refresh_from_db()
        if not done:
            raise CommandError(imported.error or "Another worker has taken this import over; look under /imports/.")

    def tell(self, imported):
        counts = ", ".join(f"{imported.counts[name]} {words}" for name, words in WORDS.items())
        self.stdout.write(f"{imported.file_name}: {counts}.")
        if departments := imported.counts.get("departments"):
            self.stdout.write(f"New departments: {', '.join(departments)}.")
        for problem in imported.problems:
            where = f"row {problem['row']}" + (f", {problem['column']}" if problem["column"] else "")
            value = f" “{problem['value']}”" if problem["value"] else ""
            self.stdout.write(f"{where}:{value} {problem['sentence']}")
