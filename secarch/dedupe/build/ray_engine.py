"""The same jobs on a Ray cluster: an existing one by address, or one of this machine's
processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ray

from secarch.dedupe.build.engine import Job, run_here
from secarch.errors import PrerequisiteError


class Ray:
    """Runs jobs as Ray tasks, in whatever order the cluster takes them.

    Its machines must see the workspace under the same path and have the same release of secarch.
    """

    def __init__(self, address: str, workers: int) -> None:
        quiet = {"logging_level": "error", "log_to_driver": False, "include_dashboard": False}
        self._mine = not ray.is_initialized()
        try:
            if address:
                ray.init(address=address, logging_level="error", log_to_driver=False)
            elif self._mine:
                ray.init(num_cpus=workers, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise PrerequisiteError(
                "there is no Ray cluster to work on",
                where=address or "this machine",
                why=str(error).split("\n")[0],
                fix="ray start --head, or leave dedupe.ray_address empty",
            ) from error

    def run(self, jobs: Sequence[Job]) -> Iterator[int]:
        """Run the jobs; yields the process of each as it ends."""
        task = ray.remote(max_retries=3)(run_here)
        left = [task.remote(job) for job in jobs]
        while left:
            done, left = ray.wait(left)
            yield from ray.get(done)

    def rest(self) -> None:
        """Nothing: a cluster decides itself what its idle processes keep."""

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._mine:
            ray.shutdown()
