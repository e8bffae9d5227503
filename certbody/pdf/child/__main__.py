"""The bounded process: whatever draws or parses what a stranger wrote happens here, never in a web worker.

Started as a folder (`python -I certbody/pdf/child`), so that neither Django nor any other package of the product
is loaded and no variable of the environment reaches it. The process itself only waits: for each line on standard
input, `{"task", "seconds", "folder"}`, it forks one child that is bounded, reads `payload` in the folder, writes
`answer` there and ends; what importing the libraries costs is paid once. The reply is the child's exit code: 0 done,
3 refused (the answer is the refusal's code), 4 out of memory, 5 no room on the disk, anything else a crash.
"""

import errno
import gc
import json
import os
import resource
import select
import signal
import sys
import traceback
from pathlib import Path

from refusals import Refused

MEGABYTE = 1024 * 1024
MEMORY = 448 * MEGABYTE
LARGEST_FILE = 64 * MEGABYTE
DONE, CRASHED, REFUSED, OUT_OF_MEMORY, NO_ROOM = 0, 1, 3, 4, 5
IDLE_SECONDS = 120
FORBIDDEN_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "subprocess.Popen",
        "os.system",
        "os.exec",
    }
)


def limit(seconds: int) -> None:
    """Bound memory, processor time and written files; the alarm works even without the parent.

    What the waiting process has loaded already is shared with it and no part of the child's own memory.
    """
    shared = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (shared + MEMORY, shared + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(seconds + 5)


def forbid_outside_world(event: str, _arguments: tuple[object, ...]) -> None:
    """Second wall behind the strict fetcher: no connection and no other program, whatever a library tries."""
    if event in FORBIDDEN_EVENTS:
        raise PermissionError(event)


def answer(task: str, payload: bytes) -> bytes:
    if task == "render":
        from rendering import pdf_of

        gc.disable()  # the process ends with the document, and what it may take is bounded
        sys.addaudithook(forbid_outside_world)
        return pdf_of(payload.decode())
    sys.addaudithook(forbid_outside_world)
    if task == "pdf":
        from documents import inspect
    elif task == "image":
        from pictures import inspect
    elif task == "office":
        from office import inspect
    elif task == "preview":
        from previews import first_page as inspect
    elif task == "stamp":
        from stamping import stamped as inspect
    else:
        raise SystemExit(f"unknown task {task}")
    return inspect(payload)


def work(task: str, seconds: int, folder: Path) -> int:
    """Do one task in this process, bounded."""
    limit(seconds)
    try:
        result, code = answer(task, (folder / "payload").read_bytes()), DONE
    except Refused as refusal:
        result, code = refusal.code.encode(), REFUSED
    except MemoryError:
        return OUT_OF_MEMORY
    (folder / "answer").write_bytes(result)
    return code


def fork_for(task: str, seconds: int, folder: Path) -> int:
    """Fork a child for one task and return how it ended; negative for the signal that killed it."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = CRASHED
    try:
        # C libraries print where they like: nothing of that may reach the pipe of replies
        errors = os.open(folder / "errors", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        code = work(task, seconds, folder)
    except BaseException as fault:  # noqa: BLE001 -- the traceback is for the log, the exit code for the parent
        code = NO_ROOM if getattr(fault, "errno", None) in {errno.ENOSPC, errno.EDQUOT} else CRASHED
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> int:
    import rendering  # half a second, paid before the first fork

    is_warm = False
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0] and (line := sys.stdin.readline()):
        request = json.loads(line)
        if request["task"] == "render" and not is_warm:
            rendering.warm()
            gc.freeze()  # what is shared with the children is not looked through again in each
            is_warm = True
        code = fork_for(request["task"], request["seconds"], Path(request["folder"]))
        print(code, flush=True)  # noqa: T201 -- the reply
    return DONE


if __name__ == "__main__":
    sys.exit(main())
