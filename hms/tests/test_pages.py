"""The frame of every page and the base of every form."""

import re

import pytest
from django import forms
from django.template import Context, Template
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from hms.context import IN_BAR, PLACES, mark_current, page
from hms.lib.forms import PageForm

ROLES = [*Role]


class VisitForm(PageForm, forms.Form):
    verb = "Book it"
    units = {"length": "minutes"}
    autocomplete = {"name": "name"}
    sections = (("Time", ["day", "at"]),)

    name = forms.CharField()
    note = forms.CharField(required=False, help_text="Tell <us> more.", widget=forms.Textarea)
    day = forms.DateField()
    at = forms.DateTimeField(required=False)
    length = forms.IntegerField()
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def rendered(form):
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form, "csrf_token": "t"}))


def test_a_form_is_whole_with_its_verb_and_the_way_back():
    html = rendered(VisitForm(back="/visits/"))
    assert 'method="post"' in html
    assert re.search(r"<button[^>]*>Book it</button>", html)
    assert 'href="/visits/"' in html
    assert "error-summary" not in html


def test_optional_fields_say_so_and_required_ones_do_not_shout():
    html = rendered(VisitForm())
    assert html.count("(optional)") == 2
    assert "*" not in re.sub(r"<[^>]+>", "", html)


def test_dates_and_times_use_the_browsers_inputs_and_keep_what_was_there():
    html = rendered(VisitForm(initial={"day": "2026-11-24", "at": "2026-11-24T09:30"}))
    assert re.search(r'<input type="date"[^>]*value="2026-11-24"', html)
    assert re.search(r'<input type="datetime-local"[^>]*value="2026-11-24T09:30"', html)


def test_units_stand_beside_and_autocomplete_where_it_is_asked_for():
    html = rendered(VisitForm())
    assert '<span class="input-group-text">minutes</span>' in html
    assert 'autocomplete="name"' in html


def test_errors_are_summed_up_on_top_with_links_and_told_beside_the_field_and_everything_typed_is_kept():
    form = VisitForm({"name": "", "note": "x <b> y", "day": "31.31.2026", "length": "30", "kind": "c"})
    assert not form.is_valid()
    html = rendered(form)
    summary = html[html.index("error-summary") : html.index("</ul>")]
    assert 'href="#id_name"' in summary
    assert 'href="#id_day"' in summary
    assert 'id="id_day_error"' in html
    assert 'aria-describedby="id_day_error"' in re.search(r'<input[^>]*id="id_day"[^>]*>', html)[0]
    assert 'value="31.31.2026"' in html
    assert "x &lt;b&gt; y" in html


def test_help_is_text_not_markup():
    assert "Tell &lt;us&gt; more." in rendered(VisitForm())


def test_a_refusal_stands_above_the_form_or_beside_its_field_with_what_was_typed():
    form = VisitForm({"name": "Amara", "day": "2026-11-24", "length": "30", "kind": "a"})
    assert form.is_valid()
    form.refuse("That time has just been taken.", "day")
    form.refuse("The hospital is closed.", "no_such_field")
    html = rendered(form)
    assert html.count("That time has just been taken.") == 2
    assert html.count("The hospital is closed.") == 1
    assert 'value="Amara"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_navigation_costs_at_most_two_queries_and_holds_no_dead_link(role, rf, django_assert_max_num_queries):
    request = rf.get("/")
    request.user, request.hospital = UserFactory(role=role), None
    with django_assert_max_num_queries(2):
        context = page(request)
    assert len(context["places"]) <= IN_BAR
    for place in [*context["places"], *context["more_places"]]:
        assert place["url"].startswith("/")


@pytest.mark.parametrize("role", [None, *ROLES])
def test_a_role_has_three_places_at_least(role):
    assert len(PLACES[role]) >= 3


def test_the_place_a_page_belongs_to_is_marked_and_only_that():
    places = [
        {"url": "/", "group": "/"},
        {"url": "/doctors/", "group": "/doctors/"},
        {"url": "/doctors/manage/", "group": "/doctors/manage/"},
    ]
    mark_current(places, "/doctors/manage/7/")
    assert [place.get("current", False) for place in places] == [False, False, True]


@pytest.mark.django_db
def test_a_page_tells_screen_readers_where_things_are(client):
    html = client.get(reverse("account_login")).text
    assert '<html lang="en"' in html
    assert 'href="#content"' in html
    assert html.count("<main") == html.count("<h1") == 1
    assert 'aria-live="polite"' in html


@pytest.mark.django_db
def test_who_is_signed_in_can_sign_out_from_every_page_by_post(client):
    client.force_login(UserFactory(name="Amara <b>Mbeki</b>"))
    html = client.get(reverse("account_change_password")).text
    assert f'<form method="post" action="{reverse("account_logout")}">' in html
    assert "Amara &lt;b&gt;Mbeki&lt;/b&gt;" in html


@pytest.mark.parametrize("name", ["A\r\nBcc: b@example.org", "bell\x07", "two\u2028lines", "escape\x1b[31m"])
def test_an_input_of_one_line_takes_no_line_breaks_or_unseen_characters(name):
    form = VisitForm({"name": name, "note": "one\ntwo", "day": "2026-11-24", "length": "30", "kind": "a"})
    assert form.errors == {"name": ["This holds characters that cannot be shown."]}
    assert name.split()[0] in rendered(form)


@pytest.mark.parametrize("name", ["Siobhán O’Connor", "محمد الأحمد", "👩‍⚕️", "आशा शर्मा"])
def test_an_input_of_one_line_takes_any_script(name):
    assert VisitForm({"name": name, "day": "2026-11-24", "length": "30", "kind": "a"}).is_valid()
