"""Doctors apply; administrators decide."""

from crispy_forms.layout import Field
from django import forms
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.forms.base import bind_phones
from clinic.forms.specializations import offer_specializations
from clinic.models import Application, Department
from clinic.phones import PhoneField
from hms.lib.forms import PageForm
from hms.lib.lists import NarrowedList, choice_field, column, search_field


class ApplicationForm(PageForm, forms.ModelForm):
    """What a doctor who wants to work here tells. `website` is for programs that fill in everything: nobody sees it."""

    verb = _("Send the application")
    autocomplete = {"name": "name", "email": "email", "phone": "tel"}
    units = {"experience_years": _("years")}

    phone = PhoneField(label=_("Phone"), required=False)
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    sections = (
        (_("About you"), ["name", "email", "phone", "languages"]),
        (
            _("Your work"),
            ["department", "specialization", "qualification", "experience_years", "licence", "about"],
        ),
    )

    class Meta:
        model = Application
        fields = [
            "name",
            "email",
            "phone",
            "languages",
            "department",
            "specialization",
            "qualification",
            "experience_years",
            "licence",
            "about",
        ]
        labels = {"department": _("Department you would like to work in")}
        widgets = {"about": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "name": _("With the title patients use, like Dr. Amara Mbeki."),
            "email": _("We send a link there: your application counts once you have opened it."),
            "licence": _("With the chamber or council that issued it."),
            "languages": _("For example: English, Hindi"),
            "about": _("What should we know? No documents yet: we ask for them later."),
        }

    def __init__(self, *args, hospital, **kwargs):
        super().__init__(*args, **kwargs)
        bind_phones(self, hospital)
        self.fields["department"].queryset = Department.objects.open()
        self.fields["department"].empty_label = _("No preference")
        offer_specializations(self)

    def rows(self):
        return [*super().rows()[:-1], Field("website", wrapper_class="d-none")]

    def validate_constraints(self):
        """Nobody learns from the form whether an address is known: the service sees to what there is already."""

    def act(self):
        """Send it, unless a program filled it in."""
        fields = dict(self.cleaned_data)
        if not fields.pop("website"):
            services.apply(**fields)


class ApproveForm(PageForm, forms.Form):
    """Where the new doctor works, and where the invitation goes."""

    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=_("Choose one"))
    email = forms.EmailField(
        label=_("E-mail address for the invitation"),
        max_length=254,
        help_text=_("The applicant's own. Another one only where that has an account already."),
    )

    def __init__(self, *args, application, **kwargs):
        wish = {"department": application.department_id, "email": application.email}
        super().__init__(*args, initial=wish, **kwargs)
        self.fields["department"].queryset = Department.objects.open()


class DeclineForm(PageForm, forms.Form):
    """Why not. The applicant reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=Application._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Mailed to the applicant word for word, between a thank-you and good wishes."),
    )


class ApplicationFilter(NarrowedList):
    """Search and state on the list of applications; they live in the URL."""

    q = search_field(_("Name, address, specialization or licence"))
    state = choice_field(
        _("State"),
        [
            ("", _("Waiting")),
            (Application.State.APPROVED, _("Approved")),
            (Application.State.DECLINED, _("Declined")),
            ("all", _("All")),
        ],
    )
    columns = (
        column("name", _("Name")),
        column("specialization", _("Specialization"), "specialization", "name"),
        column("department", _("Department wanted"), "department__name", "name", empty=True),
        column("sent", _("Sent"), "confirmed_at", empty=True),
    )
    first = "-sent"
