"""Links: whether the addresses that are public lead anywhere. `check` asks for those that are due, politely, and keeps what came of it.

An address is asked for by HEAD, then, where that gives nothing good, by GET, of which only the beginning is read. Redirects are followed
here, one by one, so that every server they pass has its say and its budget. Towards one server (host and port): one request at a time,
with an interval between them, at most so many requests and seconds in a run, and nothing before the time that Retry-After names; what is
left over is due first in the next run. robots.txt is for those who find their way by themselves: asked for are only addresses that their
holders published for use, each about once a week.

A failure counts once a day; an address is reported when it has failed on three different days (RFC 9110 says what statuses mean). What
came of each address is written within seconds, so that a run that was killed goes on where it was.
"""

from federation.links.asking import Limits
from federation.links.run import LEASE, VERDICTS, Outcome, check, check_if_due, limits_of

__all__ = ["LEASE", "VERDICTS", "Limits", "Outcome", "check", "check_if_due", "limits_of"]
