"""Faults of the wire: slow, cut, endless, no HTTP."""

from tests.nasty_source import wire
from tests.nasty_source.faults import After, Moment, add
from tests.nasty_source.wire import Reply, Wire


def _sent(way: Wire) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        return Reply(reply.status, reply.headers, reply.body or b" ", way)

    return after


def _only_later(way: Wire) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        return Reply(reply.status, reply.headers, reply.body or b" ", way) if moment.later_page else reply

    return after


def _first_time(way: Wire) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        return Reply(reply.status, reply.headers, reply.body or b" ", way) if moment.turn == 1 else reply

    return after


add("slow", "every answer in pieces with pauses", after=_sent(wire.late))
add("dripping", "one byte now and then, so that no read times out", after=_sent(wire.drip), slow=True)
add("silent", "takes the request and says nothing", after=_sent(wire.silent), slow=True)
add("reset", "resets the connection in the middle of the body", after=_sent(wire.reset))
add("hang-up", "closes the connection before an answer", after=_sent(wire.hang_up))
add("hang-up-once", "closes the connection the first time, then well", after=_first_time(wire.hang_up))
add("truncated", "ends in the middle of the announced body", after=_sent(wire.cut))
add("truncated-once", "ends in the middle the first time, then well", after=_first_time(wire.cut))
add("truncated-chunks", "a chunked body without its last chunk", after=_sent(wire.cut_chunks))
add("bad-chunks", "a chunk size that is no number", after=_sent(wire.bad_chunks))
add("length-too-small", "a Content-Length of half the body, all of it sent", after=_sent(wire.too_little))
add("not-http", "another service answers at the port", after=_sent(wire.no_http))
add("endless-body", "a body that never ends", after=_sent(wire.endless))
add("endless-headers", "headers that never end", after=_sent(wire.endless_headers))
add("later-page-truncated", "pages behind the first end in the middle", after=_only_later(wire.cut))
add("later-page-silent", "pages behind the first never come", after=_only_later(wire.silent), slow=True)
