"""Loaded by the worker under test: a job that tells that it has begun and then does not end."""

import os
import time
from pathlib import Path

from certbody.outbox.models import Job
from certbody.outbox.services import handles


def begin_and_hang(job: Job) -> None:
    Path(os.environ["BEGUN"]).write_text(str(job.pk))
    time.sleep(300)


handles("bench.slow", begin_and_hang)
