"""The command schedule: the clock in the foreground."""

import signal
import sys

from federation import log
from federation.cli.app import Workspace, command
from federation.config.cron import Cron
from federation.schedule import Scheduler


@command("schedule")
def schedule(workspace: Workspace) -> int:
    """Until SIGTERM or Ctrl-C; exit code 0 then."""
    json, verbose = not sys.stderr.isatty(), max(1, workspace.verbose)
    log.setup(json=json, verbose=verbose)  # a service that says nothing for days would look dead
    scheduler = Scheduler(workspace.folder, stop=workspace.stop, json=json, verbose=verbose)

    def end(number: int, _frame: object) -> None:
        workspace.stop.set()
        scheduler.wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if not any(Cron.parse(source.schedule) for source in scheduler.config.sources()):
        workspace.say("schedule.none")
    scheduler.run()
    return 0
