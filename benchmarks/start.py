"""Goal 12: a warm script/server is ready in 10 s: everything is installed, migrated, collected and loaded already.

Seconds by the clock from the command to the first 200 of /readyz. The first start, which loads the demo, does not
count. On a machine that others use too, the processor seconds say more.
"""

from statistics import median

from benchmarks import harness
from benchmarks.servers import Server, demo_body


def main() -> None:
    tiny = harness.options(__doc__).tiny
    rounds = 1 if tiny else 7
    home = demo_body()
    seconds, processor = [], []
    for _round in range(rounds):
        server = Server(home)
        seconds.append(round(server.seconds, 2))
        processor.append(round(server.processor_seconds, 2))
        server.stop()
    goal = harness.Goal(name="start: warm script/server ready", figure=median(seconds), limit=10, unit="s")
    facts = {"seconds": seconds, "processor_seconds": processor, "min": min(seconds)}
    harness.print_line(harness.Line(benchmark="start", goals=[goal], rounds=rounds, facts=facts))


if __name__ == "__main__":
    main()
