"""Kills at random moments: `python -m tests.benchmarks.kills [--datasets 2000] [--kills 200] [--batch 500] [--seed N]`.

After each kill a plain sync has to bring exactly what an undisturbed store has. Takes about five seconds for each kill of 2,000 datasets.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.killing import Feed, Trial, kill_often, served


def main() -> int:
    """Prints what differed, and how the kills were spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("datasets", 2000), ("kills", 200), ("batch", 500), ("seed", 20260131)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    feed = Feed(asked.datasets, per_page=min(100, asked.datasets // 10))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, served(feed) as server:
        tally = kill_often(Trial(Path(folder), feed, server, asked.batch), asked.kills, asked.seed)
    print("\n".join(tally.differences))
    print(f"{tally.kills} kills, {tally.in_time} in time ({tally.begun} amid writing, {tally.done} after the verdict), "
          f"{len(tally.differences)} differences, {time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if tally.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
