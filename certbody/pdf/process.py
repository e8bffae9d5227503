"""Runs the bounded child process and tells why it gave nothing."""

import atexit
import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import structlog
from django.conf import settings

from certbody.pdf.turns import NoTurn, Turns

CHILD = Path(__file__).parent / "child"
FONTS = Path(__file__).parent / "fonts"
LONGEST_WAIT = 12  # seconds that a request waits for those before it; longer than any check of an upload
DONE, REFUSED, OUT_OF_MEMORY, NO_ROOM = 0, 3, 4, 5
# C libraries end the process by themselves where Python would raise MemoryError
SIGNS_OF_MEMORY = ("MemoryError", "failed to allocate", "bad_alloc", "Error creating thread")

logger = structlog.get_logger(__name__)


class ChildFailed(Exception):
    """The child gave no answer; `reason` is busy, own, timeout, memory, crash or the code of a refusal."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


def run(task: str, payload: bytes, *, seconds: int, party: str = "") -> bytes:
    """Give `payload` to the child's `task` and return its answer; after `seconds` the child is killed.

    The child gets a folder of its own that is gone afterwards, however it ended. `party` is for whom it works: one
    request of a party at a time; empty is the body itself. Raises ChildFailed, and OSError when there was no room for
    the answer.
    """
    with TemporaryDirectory(prefix="child-", dir=settings.FILE_UPLOAD_TEMP_DIR) as name:
        folder = Path(name)
        (folder / "payload").write_bytes(payload)
        code = _nursery.ask(task, folder, seconds, party)
        if code in {DONE, REFUSED}:
            answer = (folder / "answer").read_bytes()
            if code == DONE:
                return answer
            raise ChildFailed(answer.decode(), refused=True)
        if code == NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        errors = folder / "errors"
        tail = errors.read_bytes()[-2000:].decode(errors="replace") if errors.exists() else ""
        reason = _reason(code, tail)
        logger.error("child_failed", task=task, reason=reason, code=code, tail=tail)
        raise ChildFailed(reason)


class Nursery:
    """Keeps the one waiting process that forks the children of this process, and starts it when it is gone.

    Requests follow one another. A process that was itself forked starts a nursery of its own.
    """

    def __init__(self) -> None:
        self._turns = Turns()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0
        self._home: TemporaryDirectory[str] | None = None

    def ask(self, task: str, folder: Path, seconds: int, party: str) -> int:
        """Have a task done and return its exit code.

        Raises ChildFailed when it takes longer than `seconds`, when others keep it waiting, or when the same party
        asks twice at once: whoever asks holds a thread of the web, and a queue of heavy files must not take them all.
        """
        request = json.dumps({"task": task, "seconds": seconds, "folder": str(folder)})
        try:
            with self._turns.turn(party, longest_wait=LONGEST_WAIT):
                for _attempt in range(2):
                    reply = self._reply_to(request, seconds)
                    if reply:
                        return int(reply)
                    self._end()  # it had gone to sleep for good, or died: once more with a new one
        except NoTurn as refusal:
            raise ChildFailed(refusal.reason) from None
        raise ChildFailed("crash")

    def _reply_to(self, request: str, seconds: int) -> str:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise ChildFailed("crash")
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return ""
        if not select.select([process.stdout], [], [], seconds)[0]:
            self._end()
            raise ChildFailed("timeout")
        return process.stdout.readline()

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._owner == os.getpid():
            self._end()
        self._home = TemporaryDirectory(prefix="certbody-nursery-")
        self._owner = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and script, no word of a user
            [sys.executable, "-I", "-X", "utf8", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(Path(self._home.name)),
            cwd=self._home.name,
            start_new_session=True,
        )
        return self._process

    def _end(self) -> None:
        """Kill the waiting process with every child it forked, and remove its folder."""
        if self._process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process = None
        if self._home is not None:
            self._home.cleanup()

    def close(self) -> None:
        with contextlib.suppress(NoTurn), self._turns.turn("", longest_wait=LONGEST_WAIT):
            self._end()


_nursery = Nursery()
atexit.register(_nursery.close)


def _reason(code: int, tail: str) -> str:
    if code in {-signal.SIGXCPU, -signal.SIGALRM}:
        return "timeout"
    return "memory" if code == OUT_OF_MEMORY or any(sign in tail for sign in SIGNS_OF_MEMORY) else "crash"


def _environment(folder: Path) -> dict[str, str]:
    configuration = folder / "fonts.conf"
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{escape(str(FONTS))}</dir>"
        f"<cachedir>{escape(str(folder / 'cache'))}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "FONTCONFIG_FILE": str(configuration),
    }
