"""Starts script/server as a person does, on a body of its own, and looks at it from outside."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.harness import processor_seconds_of

ROOT = Path(__file__).parents[1]


class Server:
    """A running script/server; `seconds` is how long it took until /readyz answered 200."""

    def __init__(self, home: Path, *, patience: int = 120) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        own = {"BIND": self.address, "CERTBODY_HOME": str(home), "CERTBODY_DEMO": "1"}
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "CELERY"))
        }
        before = time.monotonic()
        self.process = subprocess.Popen(
            ["script/server"],
            cwd=ROOT,
            env=inherited | own,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() - before > patience:
                self.process.send_signal(signal.SIGTERM)
                raise RuntimeError("script/server did not become ready")
            time.sleep(0.02)
        self.seconds = time.monotonic() - before
        # what it took of the processors, whatever else the machine was doing meanwhile
        self.processor_seconds = processor_seconds_of(self.process.pid)

    def _is_ready(self) -> bool:
        with contextlib.suppress(URLError, ConnectionError, TimeoutError):
            return bool(self.fetch("/readyz"))
        return False

    def _url(self, path: str) -> str:
        return f"http://{self.address}{path}"

    def fetch(self, path: str) -> bytes:
        with urlopen(self._url(path), timeout=60) as answer:  # noqa: S310 -- our own address
            return bytes(answer.read())

    def stop(self) -> None:
        os.kill(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=60)


def demo_body() -> Path:
    """The folder of a body with the demo, made by the first benchmark that needs it and kept for the next run."""
    home, whole = ROOT / "var/bench-body", ROOT / "var/bench-body.ready"
    if not whole.exists():
        shutil.rmtree(home, ignore_errors=True)
        Server(home, patience=590).stop()
        whole.touch()
    return home
