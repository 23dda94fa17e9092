"""`make shots`: a picture of every page × role × {1280, 390} × {light, dark} into shots/, with an index page.

On demo data in a folder of its own, with a real web server. Which pages there are is known from the URL patterns; an
example of each comes from following links as that role. What no link leads to is listed on the index page.
"""

import argparse
import html
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import time as clock
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from hms.bench import session_for, settle
from hms.lib import sign_ins
from hms.lib.servers import ServerMissing, chromium

OUT = Path(__file__).resolve().parent.parent / "shots"
VISITOR = "visitor"
MODES = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
NO_PAGES = ("/healthz", "/readyz", "/account/logout/", "/admin/jsi18n/", "/admin/r/")
WINDOW, TALLEST = 844, 6000
HEIGHT = "Math.max(document.documentElement.scrollHeight, window.innerHeight)"
ALIKE = 15  # pages of one route that are looked through for links: the first visit may be over, another can be moved
IMPORTED = (
    "Name;Nr;Born;Sex\nÅsa Lindström;1;17.05.1980;f\nJosé Muñoz;12;31.02.1990;m\nRené Fabre;13;1.1.54;m\n"
    "Zoë Brandt;14;03.03.1971;f\nBrandt Zoë;15;03.03.1971;f\n"
)
LONGEST_CRAWL = 600  # requests a role


@dataclass
class Walk:
    """What one role found: an example per route, and the routes it may open but never met."""

    role: str
    cookie: dict | None
    examples: dict = field(default_factory=dict)
    unmet: list = field(default_factory=list)


class Links(HTMLParser):
    """The addresses a page leads to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a" and (href := dict(attrs).get("href")):
            self.found.append(href)


def route_of(path):
    """The route of the URL pattern that answers this path, like /doctors/<id:pk>/; None for none."""
    from django.urls import Resolver404, resolve

    try:
        return "/" + resolve(path).route
    except Resolver404:
        return None


def routes_for(role):
    """Routes this role may open with GET, from the declarations; those of the administration site stay out."""
    from hms.access import declared

    return {
        url.route
        for url in declared()
        if "GET" in url.methods
        and (url.roles is None or role in [str(admitted) for admitted in url.roles])
        and not url.route.startswith(("/admin/", *NO_PAGES))
    }


def crawl(walk, context, url):
    """Follow links from the first page and from every route without parameters; one example per route."""
    wanted = routes_for(walk.role)
    waiting = ["/", *sorted(route for route in wanted if "<" not in route)]
    tried, asked = set(), Counter()
    while waiting and len(tried) < LONGEST_CRAWL:
        path = waiting.pop(0)
        route = route_of(urlsplit(path).path)
        if path in tried or route is None or asked[route] == ALIKE:
            continue
        tried.add(path)
        asked[route] += 1
        answer = context.request.get(url + path, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        walk.examples.setdefault(route, path)
        waiting += [found for found in followable(answer.text(), path) if found not in tried]
    walk.unmet = sorted(wanted - set(walk.examples))


def followable(text, path):
    """Links of a page that lead to another page of ours."""
    for href in Links(text).found:
        target = urldefrag(urljoin(path, href))[0]
        if target.startswith("/") and not target.startswith(("//", "/static/", "/admin/", *NO_PAGES)):
            yield target


def file_name(walk, route, width, scheme):
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<(?:\w+:)?(\w+)>", r"\1", route).lower()).strip("-")
    return f"{walk.role}/{words or 'home'}-{width}-{scheme}.png"


def photograph(walk, browser, url, only):
    """Take the walk's pages in every mode; (pictures taken, messages on the browser's console)."""
    said, count = [], 0
    for width, scheme in MODES:
        context = new_context(browser, walk, url, viewport={"width": width, "height": WINDOW}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.page.url}: {message.text}"))
        for route, path in sorted(walk.examples.items()):
            if only and only not in route:
                continue
            page.goto(url + path, wait_until="load")
            if (real := page.evaluate("document.documentElement.scrollWidth")) > width:
                said.append(f"{path}: {real} pixels wide on a screen of {width}")
            # a window as tall as the page, not full_page: what sticks to the window's edge stays there
            page.set_viewport_size({"width": width, "height": min(page.evaluate(HEIGHT), TALLEST)})
            page.screenshot(path=OUT / file_name(walk, route, width, scheme))
            page.set_viewport_size({"width": width, "height": WINDOW})
            count += 1
        context.close()
    return count, said


def new_context(browser, walk, url, **options):
    context = browser.new_context(**options)
    if walk.cookie:
        context.add_cookies([walk.cookie | {"url": url}])
    return context


def index(walks):
    """One page that shows them all, by role and route."""
    parts = ["<!doctype html><meta charset=utf-8><title>HMS, every page</title><h1>Every page</h1>"]
    for walk in walks:
        parts.append(f"<h2>{html.escape(walk.role)}</h2>")
        for route, path in sorted(walk.examples.items()):
            parts.append(f"<h3>{html.escape(route)} <small>{html.escape(path)}</small></h3><p>")
            for width, scheme in MODES:
                name = file_name(walk, route, width, scheme)
                parts.append(f'<a href="{name}"><img src="{name}" height=360 loading=lazy alt="{width} {scheme}"></a> ')
        if walk.unmet:
            parts.append("<p>No link leads here: " + ", ".join(map(html.escape, walk.unmet)) + "</p>")
    (OUT / "index.html").write_text("\n".join(parts), encoding="utf-8")


def walks_of(room, roles):
    """A walk per role that has a demo sign-in, and one of who is not signed in."""
    from django.conf import settings

    from accounts.models import User

    walks = [Walk(VISITOR, None)]
    for _label, email, _password in sign_ins.kept(room / "demo-sign-ins.txt"):
        user = User.objects.get(email=email)
        name, _, value = session_for(user).partition("=")
        assert name == settings.SESSION_COOKIE_NAME
        walks.append(Walk(str(user.role), {"name": name, "value": value}))
    return [walk for walk in walks if not roles or walk.role in roles]


def furnish():
    """What the demo data does not have and some pages are about."""
    from django.utils import timezone

    from accounts.models import Role
    from accounts.services import invite
    from clinic.models import Doctor, Patient
    from clinic.services import ask_guardian, bring_import, match_import, run_import, work_import
    from records.services import request_export, run_export
    from scheduling.services.hours import add_extra, add_time_off

    doctor = Doctor.objects.exclude(user=None).first()
    patient = Patient.objects.exclude(user=None).first()
    later = timezone.now() + timedelta(days=30)
    add_extra(doctor=doctor, by=None, date=later.date(), starts=clock(20), ends=clock(22))
    add_time_off(doctor=doctor, by=None, starts_at=later, ends_at=later + timedelta(days=7), reason="Holiday")
    invite(email="invited@example.org", name="Robin Vance", role=Role.RECEPTION, by=None)
    ask_guardian(patient, email="erik@example.org", scope="read", by=patient.user)
    for user in (patient.user, doctor.user):
        run_export(request_export(patient, by=user).pk)
    for name, rows in (("old-system.csv", IMPORTED), ("branch-office.csv", IMPORTED.replace(";1", ";2"))):
        imported = bring_import("patients", [rows.encode("cp1252")], name=name, by=None)
        match_import(imported, mapping=imported.mapping, by=None, quiet=True, source=name[:3])
        work_import(imported.pk)
    run_import(imported, by=None, quiet=True)
    work_import(imported.pk)


def take(room, options):
    """Start the site on demo data, walk it as each role, take the pictures. Gives the exit code."""
    from playwright.sync_api import sync_playwright

    settle(room)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop makes Django believe it is called from async code
    from django.conf import settings

    from hms.testing import web_process

    furnish()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    complaints, begun = [], time.monotonic()
    web = web_process(settings.DATABASES["default"], room).start()
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
            walks = walks_of(room, options.role)
            for walk in walks:
                crawl(walk, new_context(browser, walk, web.url), web.url)
                count, said = photograph(walk, browser, web.url, options.only)
                complaints += said
                print(
                    f"{walk.role}: {count} pictures of {len(walk.examples)} pages, {len(walk.unmet)} not met",
                    flush=True,
                )
    finally:
        web.stop()
    index(walks)
    print(f"{OUT / 'index.html'} after {time.monotonic() - begun:.0f} s", *sorted(set(complaints)), sep="\n")
    return 1 if complaints else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--role", action="append", help="only this role (visitor, patient, doctor, reception, admin)")
    parser.add_argument("--only", default="", help="only routes with this text in them")
    options = parser.parse_args()
    if chromium() is None:
        return "make shots: there is no Chromium on this machine. CHROMIUM names one that is not on the PATH."
    room = Path(tempfile.mkdtemp(prefix="hms-shots-"))
    try:
        return take(room, options)
    except ServerMissing as missing:
        return f"make shots: {missing}"
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
