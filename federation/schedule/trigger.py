"""The trigger that makes APScheduler mean what cron means."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]

from federation.config.cron import Cron


class CronTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires when `cron` does, `delay` later. (APScheduler's own takes 1-5 for Tuesday to Saturday, and wants day and weekday both.)"""

    def __init__(self, cron: Cron, zone: ZoneInfo, delay: timedelta = timedelta()) -> None:
        self.cron, self.zone, self.delay = cron, zone, delay

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first time after now; whatever was missed before is seen by whoever looks into the timetable."""
        after = max(previous_fire_time, now) if previous_fire_time else now
        following = self.cron.after(after - self.delay, self.zone)
        return (following + self.delay).astimezone(self.zone) if following else None

    def __str__(self) -> str:
        return f"cron[{self.cron.fields}]"
