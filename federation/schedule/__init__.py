"""Schedule: rounds, and the clock that keeps them going.

`round` is lease, sync and publication; `round_due` the same for the sources whose slot is due. `Timetable` knows the slots, the next run
and the pauses. `Scheduler` is `federation schedule`: it looks into the timetable and has the work done in child processes.

What was claimed and what was done stand in the lease table: any number of schedulers and timers may be at one store.
"""

from federation.schedule.rounds import BUSY, Outcome, publish_now, round, round_due
from federation.schedule.scheduler import Scheduler
from federation.schedule.tasks import do_chore
from federation.schedule.timetable import Timetable

__all__ = ["BUSY", "Outcome", "Scheduler", "Timetable", "do_chore", "publish_now", "round", "round_due"]
