"""Goal 11: memory of the whole embedded product, idle with the demo loaded, and of its web worker.

Proportional set size from the kernel (a page that several processes share counts in parts), of every process that
script/server started. The worker has answered a hundred public pages before.
"""

import time
from pathlib import Path

from benchmarks import harness
from benchmarks.servers import Server, demo_body

PAGES = ("/", "/register/", "/register/?q=%E7%94%B5%E5%99%A8", "/accounts/login/", "/readyz")


def megabytes_of(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def command_of(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return " ".join(word.rpartition("/")[2] for word in words[:4]).strip()


def main() -> None:
    tiny = harness.options(__doc__).tiny
    server = Server(demo_body())
    for page in PAGES * (1 if tiny else 20):
        server.fetch(page)
    time.sleep(1 if tiny else 15)  # until worker and scheduler have started and nothing runs any more
    found = [
        (command_of(pid), pid) for pid in [server.process.pid, *harness.processes_below(server.process.pid)]
    ]
    sizes = [(name, round(megabytes_of(pid), 1)) for name, pid in found]
    server.stop()
    web = max(size for name, size in sizes if "gunicorn" in name)
    goals = [
        harness.Goal(name="memory: web worker", figure=web, limit=150, unit="MB"),
        harness.Goal(
            name="memory: whole product, idle", figure=sum(size for _, size in sizes), limit=450, unit="MB"
        ),
    ]
    facts = {"processes": [{"command": name, "pss_mb": size} for name, size in sizes]}
    harness.print_line(harness.Line(benchmark="memory", goals=goals, facts=facts))


if __name__ == "__main__":
    main()
