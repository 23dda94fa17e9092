"""A page that asks before something changes: what will happen, and a button that does it."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render

from hms.lib.errors import Refused


@dataclass
class Question:
    """What a confirmation page says. With an `objection` there is no button: the page says why, and the way on."""

    title: str
    verb: str
    done: str
    back: str
    facts: list
    trail: list  # breadcrumb: (words, address)
    then: str = ""  # where to go afterwards; default: back
    warning: str = ""
    danger: bool = False
    objection: str = ""
    other_url: str = ""
    other_verb: str = ""


def ask(request, question, act, form=None):
    """GET asks, POST does it through `act(**cleaned data)` and goes on. What is refused is a 409 with the reason."""
    status = 200
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            act(**(form.cleaned_data if form else {}))
        except Refused as refusal:
            question.objection, status = str(refusal), 409
        else:
            messages.success(request, question.done)
            return redirect(question.then or question.back)
    return render(request, "clinic/confirm.html", {"question": question, "form": form}, status=status)
