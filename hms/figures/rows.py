"""The visits behind those figures that no list of visits can be asked for, as a list like every other."""

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import TruncDate
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.downloads import instant
from hms.figures.charts import in_days
from hms.lib.lists import ListFilter, column, paged
from records import figures
from records.reportcontent import in_minutes
from scheduling.models import Appointment

TITLES = {"new-patients": _("New patients"), "waiting": _("Waiting times"), "lead": _("Booked ahead")}


class FigureRows(ListFilter):
    """Of one figure's visits those that `user` may see, of the days and the department of a RangeForm."""

    columns = (
        column("patient", _("Patient"), "patient__name", "starts_at"),
        column("visit", _("Visit"), "starts_at"),
        column("doctor", _("Doctor"), "doctor__name", "starts_at"),
    )
    first = "visit"

    def __init__(self, form, *, user, zone):
        self.range_form, self.user, self.zone = form, user, zone
        super().__init__(form.data, Appointment.objects.none())

    @property
    def form(self):
        """The range of all figures, in place of filters of its own."""
        return self.range_form

    @property
    def given(self):
        return self.form.asked if self.form.is_valid() else {}

    def filter_queryset(self, _queryset):
        days, department = self.form.range(self.zone), self.form.cleaned_data["department"]
        seen = Appointment.objects.visible_to(self.user).order_by()
        visits = self.behind(figures.Scope(department=department), days)
        return visits.filter(pk__in=seen.values("pk")).with_people()

    @cached_property
    def page(self):
        """Of what may be a hundred thousand visits the ids alone are put in order; 25 are read with all they show."""
        page = paged(self.found().values_list("pk", flat=True), self.data, size=self.size)
        page.object_list = list(self.found().filter(pk__in=list(page.object_list)))
        return page

    def behind(self, scope, days):
        """The visits of the figure."""
        return figures.first_visits(scope, days)

    def words(self, visit):
        """How long it was, where the figure is a time."""
        return ""

    def table(self):
        """[(title, function from a visit to its cell)] of what the page shows."""
        return [
            (_("Patient"), lambda visit: visit.patient.name),
            (_("Number"), lambda visit: visit.patient.number),
            (_("Visit"), lambda visit: instant(visit.starts_at, self.zone)),
            (_("Doctor"), lambda visit: visit.doctor.name),
            (_("Department"), lambda visit: visit.department.name),
        ]


class Waited(FigureRows):
    """With how long each patient waited."""

    columns = (
        *FigureRows.columns,
        column("arrived", _("Arrived"), "arrived"),
        column("begun", _("Begun"), "begun"),
        column("waited", _("Waited"), "waited", "starts_at"),
    )

    def behind(self, scope, days):
        length = ExpressionWrapper(F("begun") - F("arrived"), DurationField())
        return figures.waited(scope, days).annotate(waited=length)

    def table(self):
        return [
            *super().table(),
            (_("Arrived"), lambda visit: instant(visit.arrived, self.zone)),
            (_("Begun"), lambda visit: instant(visit.begun, self.zone)),
            (_("Waited, in minutes"), lambda visit: int(visit.waited.total_seconds() + 30) // 60),
        ]

    def words(self, visit):
        return in_minutes(int(visit.waited.total_seconds()))


class BookedAhead(FigureRows):
    """With how many days lie between the day of booking and that of the visit."""

    columns = (
        *FigureRows.columns,
        column("booked", _("Booked"), "created_at"),
        column("ahead", _("Ahead"), "ahead", "starts_at"),
    )

    def behind(self, scope, days):
        day, booked = (TruncDate(name, tzinfo=days.zone) for name in ("starts_at", "created_at"))
        length = ExpressionWrapper(day - booked, DurationField())
        return figures.booked_ahead(scope, days).annotate(ahead=length)

    def table(self):
        return [
            *super().table(),
            (_("Booked"), lambda visit: instant(visit.created_at, self.zone)),
            (_("Ahead, in days"), lambda visit: visit.ahead.days),
        ]

    def words(self, visit):
        return in_days(visit.ahead.days)


KINDS = {"new-patients": FigureRows, "waiting": Waited, "lead": BookedAhead}
