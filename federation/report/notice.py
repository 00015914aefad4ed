"""Notice: who is told when the state of a source changes, and that they are told once.

After each round the present verdict of every source is compared with what the operator was told last. All that differs goes into one
mail; only what was delivered counts as told, so that a mail server that is down loses nothing. Trouble that nobody acknowledges goes to
the deputy, once.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from typing import Any

import orjson

from federation.config import FederationConfig
from federation.errors import FederationError
from federation.harvest import smtp
from federation.report import letter, metrics, watch
from federation.report.letter import KINDS
from federation.report.plan import Schedule, plans
from federation.report.status import MAIL, status
from federation.report.verdict import Plan
from federation.store.store import Store

log = logging.getLogger("federation.notice")


@dataclass(slots=True)
class Due:
    """What is to be told: `changed` sources (entries of the status), and those that the deputy is told of."""

    report: dict[str, Any]
    changed: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[dict[str, Any]] = field(default_factory=list)


def after_round(config: FederationConfig, store: Store, schedule: Schedule, now: datetime) -> None:
    """Remembers, tells and measures what a round came to. It never fails the round: what cannot be delivered or written is logged, and
    tried again after the next one.
    """
    try:
        planned = plans(config, store, now, schedule)
        _tell(config, store, now, planned)
        if config.monitoring.textfile:
            metrics.write(config.path / config.monitoring.textfile, metrics.render(store, config, now, planned))
    except FederationError as error:
        log.error("after the round: %s", error.text("en"), extra={"code": error.code})


def due(config: FederationConfig, store: Store, now: datetime, planned: Mapping[str, Plan]) -> Due:
    """What the next mail would say. Nothing is written."""
    report = status(config, store, now, language=config.mail.language, plans=planned, zone=config.schedule.zone)
    known = watch.memories(store)
    told = Due(report)
    longest = timedelta(days=config.mail.deputy_after_days)
    for entry in report["sources"]:
        memory = known.get(entry["id"], watch.Memory())
        kind = KINDS.get(entry["why"], "")
        if kind and (memory.colour, memory.kind) != (entry["verdict"], kind):
            told.changed.append(entry)
        open_since = datetime.fromisoformat(memory.told) if memory.told and entry["verdict"] != "green" else now
        if config.mail.deputy and not entry["acknowledged"] and not memory.escalated and now - open_since >= longest:
            told.unanswered.append(entry)
    return told


def messages(config: FederationConfig, told: Due, now: datetime) -> list[Message]:
    """The mails about it: one to the operator with all changes, one to the deputy."""
    made = [letter.changes(config, told.report, told.changed, now)] if told.changed else []
    return made + ([letter.unanswered(config, told.report, told.unanswered, now)] if told.unanswered else [])


def send(config: FederationConfig, message: Message) -> None:
    """Delivers one mail; who was refused is logged. FederationError where nobody has it."""
    refused = smtp.send(config.mail, message, folder=config.path, ca_file=config.network.ca_file)
    if refused:
        log.warning(smtp.refused(refused).text("en"))
    log.info("mail sent", extra={"id": message["Message-ID"]})


def _tell(config: FederationConfig, store: Store, now: datetime, planned: Mapping[str, Plan]) -> None:
    told = due(config, store, now, planned)
    known = watch.memories(store)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    memories: dict[str, watch.Memory] = {}
    settled = []
    for entry in told.report["sources"]:
        memory = memories[entry["id"]] = known.get(entry["id"], watch.Memory())
        if entry["last_run"] is not None:
            memory.note(entry["findings"]["violation"], now)
        if entry["verdict"] == "green":
            memory.since = ""
            settled.append(entry["id"])
        elif entry["why"] != "never":
            memory.since = memory.since or stamp
        entry["since"] = memory.since or None
    watch.remember(store, memories, settled=[source for source in watch.taken(store) if source in settled])
    if not config.mail.server:
        return
    delivered = _deliver(config, store, told, stamp, now)
    for entry in told.changed if "changed" in delivered else ():
        memory = memories[entry["id"]]
        memory.colour, memory.kind = entry["verdict"], KINDS[entry["why"]]
        memory.told, memory.escalated = (memory.told or stamp, memory.escalated) if entry["verdict"] != "green" else ("", "")
    for entry in told.unanswered if "unanswered" in delivered else ():
        memories[entry["id"]].escalated = stamp
    watch.remember(store, memories)


def _deliver(config: FederationConfig, store: Store, told: Due, stamp: str, now: datetime) -> set[str]:
    """Which of the two mails went out; why one did not stands in the status until one does."""
    delivered = set()
    try:
        if told.changed:
            send(config, letter.changes(config, told.report, told.changed, now))
            delivered.add("changed")
        if told.unanswered:
            send(config, letter.unanswered(config, told.report, told.unanswered, now))
            delivered.add("unanswered")
    except FederationError as error:
        log.error(error.text("en"), extra={"code": error.code})
        failed = orjson.loads(store.setting(MAIL, "{}"))
        since = failed.get("since", stamp)
        row = {"code": error.code, "value": error.value, "detail": error.params.get("detail", ""), "since": since}
        store.set_setting(MAIL, orjson.dumps(row).decode())
        return delivered
    if delivered and store.setting(MAIL, "{}") != "{}":
        store.set_settings({}, [MAIL])
    return delivered
