"""One job for one process: `job.json` in its folder says what to draw, `answer.json` what came of it.

A template is a program written by somebody else, so that it runs here: with limits of time, memory and files, and
without the environment, in which there are secrets.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Do the job in the folder that the command line names."""
    folder = Path(sys.argv[2])
    os.chdir(folder)
    job = json.loads(Path("job.json").read_text())
    _limit(job)
    try:
        answer = _done(job)
    except MemoryError:
        answer = {"error": "memory"}
    Path("answer.json").write_text(json.dumps(answer))


def _done(job: dict[str, Any]) -> dict[str, Any]:
    match job["do"]:
        case "docx":
            from .word import draw

            return draw(job)
        case "pdf":
            from .typeset import typeset

            return typeset(job)
        case "charts":
            from .charts import plot

            return plot(job)
        case "report":
            from .report import make

            return make(job)
        case _:
            from .pictures import shrink

            return {"sizes": shrink(job["pictures"], job["pixels"], job["quality"])}


def _limit(job: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_seconds"], job["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    if "data" in job:  # for a program that reserves far more of the address space than it writes to
        resource.setrlimit(resource.RLIMIT_DATA, (job["data"], job["data"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (job["file_bytes"], job["file_bytes"]))
