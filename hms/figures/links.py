"""Where the rows behind a figure are: each address opens a list of as many rows as the figure says."""

from django.urls import reverse


class Links:
    """Addresses for one department, or the whole hospital."""

    def __init__(self, department=None):
        self.department = department.pk if department else ""
        self.list, self.page = reverse("scheduling:appointment-list"), reverse("figures")
        self.rows_page = {
            figure: reverse("figure-rows", args=[figure]) for figure in ("new-patients", "waiting", "lead")
        }

    def visits(self, days, status="", *, department="", **more):
        """The list of visits of a Range; `more` are ids of a doctor or a patient."""
        narrowed = {"status": status, "department": department or self.department, **more}
        return f"{self.list}?{self._query(days, when='all', **narrowed)}"

    def rows(self, figure, days):
        """The page of what no list of visits can be asked for."""
        return f"{self.rows_page[figure]}?{self._query(days, department=self.department)}"

    def figures(self, first, last, department=""):
        """The figures of other days, or of another department."""
        named = {"from_day": first, "to_day": last, "department": department or self.department}
        return f"{self.page}?{query(named)}"

    def _query(self, days, **more):
        return query({"from_day": days.first_day, "to_day": days.last_day} | more)


def query(named):
    """What is named, as a query. Days, ids and names of statuses: none of them needs escaping."""
    return "&".join([f"{name}={value}" for name, value in named.items() if value])
