"""A PostgreSQL and a Redis that belong to one test alone, so that it may kill them."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.faults.servers import until

TOOLS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c restart_after_crash=on"


def as_database_user() -> list[str]:
    """PostgreSQL refuses to be run by root."""
    is_root = os.getuid() == 0
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if is_root else []


@dataclass
class Cluster:
    """Commits are durable against the death of every process; only the power is trusted."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgres://certbody@/{self.folder}/certbody"

    def run(self, tool: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [*as_database_user(), str(TOOLS / tool), *arguments]
        return subprocess.run(command, check=check, text=True, capture_output=True, cwd=self.folder)

    def make(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        options = ["--username=postgres", "--auth=trust", "--no-sync", "--data-checksums"]
        self.run("initdb", f"--pgdata={self.data}", *options, "--locale=C.UTF-8", "--encoding=UTF8")

    def start(self) -> None:
        options = f"{OPTIONS} -c unix_socket_directories='{self.folder}'"
        log = str(self.folder / "log")
        command = [
            "start",
            "--wait",
            "--silent",
            f"--pgdata={self.data}",
            f"--log={log}",
            f"--options={options}",
        ]
        # after kill -9 of the postmaster the last backends need a moment to notice
        until(lambda: self.run("pg_ctl", *command, check=False).returncode == 0, "PostgreSQL", 30)

    def stop(self, mode: str) -> None:
        self.run(
            "pg_ctl", "stop", "--wait", "--silent", f"--pgdata={self.data}", f"--mode={mode}", check=False
        )

    def kill_postmaster(self) -> None:
        pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{pid}/stat").exists() or is_dead(pid), "the postmaster")

    def sql(self, text: str, database: str = "certbody") -> str:
        arguments = ["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        arguments += [f"--host={self.folder}", "--username=postgres", f"--command={text}"]
        found = self.run("psql", *arguments, database)
        return found.stdout.strip()

    def copy_the_test_database(self) -> None:
        """Take everything that the test has committed so far, with roles, rights and triggers."""
        self.sql("CREATE ROLE certbody_owner LOGIN", "postgres")
        self.sql("CREATE ROLE certbody LOGIN", "postgres")
        self.sql("CREATE DATABASE certbody OWNER certbody_owner", "postgres")
        dump = self.folder / "dump.sql"
        host = str(connection.settings_dict["HOST"])
        name = str(connection.settings_dict["NAME"])
        self.run("pg_dump", f"--host={host}", "--username=postgres", f"--file={dump}", name)
        self.run(
            "psql", "--quiet", f"--host={self.folder}", "--username=postgres", f"--file={dump}", "certbody"
        )


def is_dead(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A running cluster with a copy of the database of this test; a socket's path must stay short."""
    folder = Path(tempfile.mkdtemp(prefix="certbody-pg-", dir="/tmp"))
    cluster = Cluster(folder)
    try:
        cluster.make()
        cluster.start()
        cluster.copy_the_test_database()
        yield cluster
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def connected_to(cluster: Cluster) -> Iterator[None]:
    """Let the test itself look into the cluster."""
    everyday = connection.settings_dict
    connection.close()
    connection.settings_dict = everyday | {"HOST": str(cluster.folder), "NAME": "certbody"}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = everyday


@dataclass
class Redis:
    folder: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self.folder}/socket"

    def start(self) -> None:
        options = f"--port 0 --unixsocket {self.folder}/socket --dir {self.folder} --appendonly no"
        command = ["redis-server", *options.split(), "--save", ""]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(lambda: self.ask("PING") == "PONG", "Redis", 20)

    def ask(self, *words: str) -> str:
        command = ["redis-cli", "-s", f"{self.folder}/socket", *words]
        return subprocess.run(command, check=False, text=True, capture_output=True).stdout.strip()

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait(10)
            self.running = None


@contextmanager
def own_redis() -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="certbody-redis-", dir="/tmp"))
    redis = Redis(folder)
    try:
        redis.start()
        yield redis
    finally:
        redis.kill()
        shutil.rmtree(folder, ignore_errors=True)
