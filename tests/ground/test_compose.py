"""docker-compose.yml: services, one image for those that run the product (.ci/run checks its grammar)."""

import re

from tests.ground.sources import ROOT, text_of

TEXT = text_of(ROOT / "docker-compose.yml")
SERVICES = dict(
    re.findall(
        r"^  (\w+):\n((?:(?:    .*)?\n)+)",
        TEXT.split("\nservices:\n")[1].split("\nvolumes:\n")[0] + "\n",
        re.MULTILINE,
    )
)
SHARED = TEXT.split("\nservices:\n")[0]


def test_web_worker_beat_database_and_queue_are_services() -> None:
    assert {"web", "worker", "beat", "db", "redis"} <= SERVICES.keys()


def test_web_worker_and_beat_share_one_image() -> None:
    assert SHARED.count("image: certbody:latest") == 1
    for name in ("web", "worker", "beat", "migrate"):
        assert "<<: *product" in SERVICES[name], name
        assert "image:" not in SERVICES[name], name


def test_every_lasting_service_has_a_health_check() -> None:
    assert [
        name for name, block in SERVICES.items() if name != "migrate" and "healthcheck:" not in block
    ] == []


def test_only_the_migration_knows_the_owner_of_the_tables() -> None:
    assert "DATABASE_OWNER_URL" not in SHARED
    assert [name for name, block in SERVICES.items() if "DATABASE_OWNER_URL" in block] == ["migrate"]


def test_the_demo_is_off_and_the_port_is_open_to_the_machine_alone() -> None:
    assert 'CERTBODY_DEMO: "0"' in SHARED
    assert re.findall(r"ports: (.*)", TEXT) == ['["127.0.0.1:8000:8000"]']


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = text_of(ROOT / "Dockerfile").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER certbody"]
    assert lines.index("USER certbody") < next(
        number for number, line in enumerate(lines) if line.startswith("CMD ")
    )
