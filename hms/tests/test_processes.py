"""The real processes: what they log, and what becomes of the site when others of them fail."""

import http.client
import time
from urllib.parse import urlsplit

import pytest

from hms.tests.processes import children, is_gone, wait_for

pytestmark = pytest.mark.slow
TOKEN = "Kq7vW2mZ9xLr4tBn8sYd3fHj6"


def get(url, path):
    """(status, body) of a GET, as a browser sends it."""
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    finally:
        link.close()


def test_worker_takes_up_work_again_after_the_broker_came_back(worker, broker):
    assert " ready." in worker.output()
    broker.kill()
    broker.start()
    assert wait_for(lambda: worker.output().count("Connected to redis") == 2, 15)


def test_site_serves_without_its_broker_and_says_so(web_process, broker):
    assert get(web_process.url, "/readyz")[0] == 200
    broker.kill()
    status, body = get(web_process.url, "/readyz")
    assert (status, "degraded" in body) == (200, True)


def test_site_serves_while_the_broker_is_silent(web_process, silent_broker):
    get(web_process.url, "/account/login/")  # the first one also loads templates
    for path in ("/readyz", "/account/login/"):
        took = []
        for _try in range(3):  # a machine that is busy with something else may make one of them wait
            begun = time.monotonic()
            assert get(web_process.url, path)[0] == 200
            took.append(time.monotonic() - begun)
        assert min(took) < 3


@pytest.mark.parametrize(("megabytes", "status"), [(12, 403), (13, 413), (40, 413)])
def test_who_sends_too_much_reads_the_answer(live_web, megabytes, status):
    """A server that hangs up on a body it does not want leaves the sender with a broken connection, and no answer."""
    link = http.client.HTTPConnection(urlsplit(live_web).netloc, timeout=20)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST", "/account/login/", b"x" * megabytes * 1000 * 1000, kind)
    assert link.getresponse().status == status
    link.close()


def test_log_of_the_web_server_holds_no_token_and_no_query(web_process):
    get(web_process.url, f"/invitations/accept/{TOKEN}/?email=ada@example.org")
    assert wait_for(lambda: "/invitations/accept/Kq7v…/" in web_process.output())
    assert TOKEN not in web_process.output()
    assert "ada@example.org" not in web_process.output()


def test_web_workers_end_with_their_master_however_it_ends(web_process):
    workers = children(web_process.pid)
    assert len(workers) == 2
    web_process.kill()
    assert wait_for(lambda: all(is_gone(pid) for pid in workers))
