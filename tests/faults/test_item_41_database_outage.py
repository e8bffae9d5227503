"""Item 41: the database dies, is killed, hangs, and comes back; nobody starts the web again.

Every answer meanwhile is a page with a sentence; what was acknowledged is there afterwards.
"""

import http.client
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.trail.verify import chain
from tests.faults.clusters import Cluster, connected_to, own_cluster
from tests.faults.history import History, judge, print_figures
from tests.faults.servers import Answer, Site, Visitor, hidden_fields, running_site, status_of, until
from tests.kernel.pages import signed_in
from tests.road.certificates import released_case, signed_decision
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no file to lock")
SENTENCE = "数据库暂时没有响应"


def visitor_of(site: Site, role: str) -> Visitor:
    session: str = signed_in(make_user(role)).cookies[settings.SESSION_COOKIE_NAME].value
    return Visitor(site, session, "zh-hans")


def is_told(answer: Answer) -> bool:
    """Whether an answer of an outage is what people are promised."""
    return (
        answer.status == 503
        and int(answer.headers["Retry-After"]) > 0
        and SENTENCE in answer.text
        and "Traceback" not in answer.text
        and "frame-ancestors" in answer.headers["Content-Security-Policy"]
    )


class Clicks(threading.Thread):
    """Somebody who presses without a pause: each press is a decision to be issued, pressed again until it is told."""

    def __init__(self, visitor: Visitor, forms: dict[int, dict[str, str]]) -> None:
        super().__init__(daemon=True)
        self.visitor, self.forms = visitor, forms
        self.history = History()
        self.answers: list[Answer] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            waiting = [key for key in self.forms if "ok" not in self.history.results_of(key)]
            for key in waiting[:1]:
                self.press(key)
            time.sleep(0.1)

    def press(self, key: int) -> None:
        began = time.monotonic()
        try:
            answer = self.visitor.post(f"/desk/decisions/{key}/issue/", self.forms[key])
        except (OSError, http.client.HTTPException):
            self.history.note(key, began, "info")
            return
        self.answers.append(answer)
        result = "ok" if answer.status == 302 else "info" if answer.status >= 500 else "fail"
        self.history.note(key, began, result)


@only_postgres
def test_item_41_postgres_killed_in_three_ways_and_back(tmp_path: Path) -> None:
    decisions = [signed_decision(released_case()) for _number in range(4)]
    with (
        own_cluster() as cluster,
        running_site(
            tmp_path,
            worker=False,
            environment={"DATABASE_URL": cluster.url, "DATABASE_OWNER_URL": cluster.url},
        ) as site,
    ):
        with connected_to(cluster):
            visitor = visitor_of(site, Role.CERTIFICATES)
        forms = {row.pk: form_of(visitor, row.pk) for row in decisions}
        clicks = Clicks(visitor, forms)
        clicks.press(decisions[0].pk)
        assert clicks.history.results_of(decisions[0].pk) == {"ok"}

        kill_one_backend(cluster)
        until(lambda: status_of(site, "/readyz") == 200, "after the death of one backend", 30)
        clicks.press(decisions[1].pk)
        clicks.start()
        worst = max(
            _outage(cluster, visitor, site, stop=lambda: cluster.stop("immediate")),
            _outage(cluster, visitor, site, stop=cluster.kill_postmaster),
        )
        until(lambda: all("ok" in clicks.history.results_of(key) for key in forms), "the last press", 60)
        clicks.is_over.set()
        clicks.join()
        assert all(answer.status == 302 or is_told(answer) for answer in clicks.answers), clicks.answers
        with connected_to(cluster):
            assert list(chain()) == []
            reserved = Event.objects.filter(name="certificate.reserved").values_list(
                "data__decision", flat=True
            )
            verdict = judge(clicks.history, Counter(reserved))
        amcheck = [f"--host={cluster.folder}", "--username=postgres", "--install-missing"]
        assert cluster.run("pg_amcheck", *amcheck, "certbody").stdout == ""
    print_figures(
        41,
        kills=3,
        acknowledged=verdict.acknowledged,
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
        back_s=round(worst, 1),
    )
    assert verdict.is_clean, verdict
    assert verdict.acknowledged == len(decisions)


def form_of(visitor: Visitor, decision: int) -> dict[str, str]:
    page = visitor.get(f"/desk/decisions/{decision}/").text
    return hidden_fields(page, f"/desk/decisions/{decision}/issue/")


def kill_one_backend(cluster: Cluster) -> None:
    """As an operator with kill -9 would; PostgreSQL then restarts all the others by itself."""
    pid = cluster.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'certbody' LIMIT 1")
    assert pid
    cluster.run("pg_ctl", "kill", "KILL", pid)


def _outage(cluster: Cluster, visitor: Visitor, site: Site, *, stop: Callable[[], None]) -> float:
    """Stop the database, look at every surface, start it again; returns seconds until the web works by itself."""
    stop()
    assert is_told(visitor.get("/desk/"))
    assert is_told(visitor.get(f"/register/?q={quote('华丰')}"))
    told = visitor.get("/api/v1/certificates/EX26SC00001R1")
    assert (told.status, told.headers["Content-Type"]) == (503, "application/json")
    typed = visitor.post("/i18n/setlang/", {"language": "en"})
    assert typed.status in {302, 503}
    assert (status_of(site, "/healthz"), status_of(site, "/readyz")) == (200, 503)
    signing_in = replace(visitor, session="").post(
        "/accounts/login/", {"login": "a@b.example", "password": "secret"}
    )
    assert is_told(signing_in)
    assert "secret" not in signing_in.text
    cluster.start()
    return until(lambda: status_of(site, "/readyz") == 200, "recovery", 60)


@only_sqlite
def test_item_41_a_locked_sqlite_file_is_503_and_the_form_is_taken_when_it_is_sent_again(
    tmp_path: Path,
) -> None:
    decision = signed_decision(released_case())
    with running_site(tmp_path, worker=False) as site:
        visitor = visitor_of(site, Role.CERTIFICATES)
        form = form_of(visitor, decision.pk)
        locker = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = visitor.post(f"/desk/decisions/{decision.pk}/issue/", form)
        waited = time.monotonic() - began
        read = visitor.get("/desk/decisions/")
        locker.execute("ROLLBACK")
        locker.close()
        assert is_told(answer)
        assert read.status == 200, "reading goes on while somebody else writes"
        again = hidden_fields(answer.text, f"/desk/decisions/{decision.pk}/issue/")
        assert again == form
        for _click in range(2):
            assert visitor.post(f"/desk/decisions/{decision.pk}/issue/", again).status == 302
    print_figures(41, waited_s=round(waited, 1), lost=0, doubled=0)
    assert Event.objects.filter(name="certificate.reserved").count() == 1
