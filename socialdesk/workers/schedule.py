"""Ticks the workers' steps; what is due stands in the database, so a restart loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from socialdesk import clock, intake
from socialdesk.desk import Desk
from socialdesk.errors import DeskError, XError
from socialdesk.people import sign_ins
from socialdesk.polling.cursors import Channel
from socialdesk.workers import (
    announcer,
    closing,
    incident_watcher,
    pacing,
    postman,
    router,
    rule_runner,
    summarist,
    waker,
)
from socialdesk.workers import line as lines
from socialdesk.workers.gap_search import search_gap
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll_when_due
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from socialdesk.workers.watcher import EVERY, watch

log = structlog.get_logger()

CLOCK_SECONDS = 1.0  # between two looks at whether the clock was put back
MOST_AT_A_TIME = 20  # replies that one tick sends before others get their turn


class Every(BaseTrigger):  # type: ignore[misc]  # it has no types
    """So long after the last time, however much was missed meanwhile.

    The library's own interval lists each time that was missed: when the clock jumps by years those are
    millions, and the desk stands still while it counts them.
    """

    def __init__(self, seconds: float) -> None:
        self._between = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The library asks until it is told a time to come."""
        due = (previous or now) + self._between
        return due if due > now else now + self._between


class Schedule:
    """The workers of one process, for all its accounts. As a context: started, and stopped at the end."""

    def __init__(self, desk: Desk) -> None:
        opened = lines.open_lines(desk)
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(7 * len(opened) + 2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        for line in opened:
            self._add_jobs(desk, line)
        self._scheduler.add_job(_guarded("warm up", intake.warm_up), id="warm up")
        self._tick("waker", waker.EVERY_SECONDS, lambda: waker.wake(desk))
        self._tick("rules", rule_runner.EVERY_SECONDS, lambda: rule_runner.run_rules(desk))
        self._tick("router", router.EVERY_SECONDS, lambda: router.route(desk))
        self._tick("waves", incident_watcher.LOOK_SECONDS, lambda: incident_watcher.look(desk))
        self._tick("incidents", incident_watcher.EVERY_SECONDS, lambda: incident_watcher.tend(desk))
        self._tick("webhooks", announcer.EVERY_SECONDS, lambda: announcer.announce(desk))
        self._tick("closing questions", closing.EVERY_SECONDS, lambda: closing.ask(desk))
        self._tick("summaries", summarist.EVERY_SECONDS, lambda: summarist.summarize(desk))
        self._tick("mails", postman.EVERY_SECONDS, lambda: postman.deliver(desk))
        self._tick("forget old sign-ins", 3600, lambda: _forget_old_sign_ins(desk))
        self._over = threading.Event()
        self._minder = threading.Thread(target=self._mind_the_clock, name="clock", daemon=True)

    def _add_jobs(self, desk: Desk, line: Line) -> None:
        polling, sending = desk.settings.polling, desk.settings.sending
        for channel in Channel:
            every = pacing.usual(polling, channel).total_seconds()
            look = partial(poll_when_due, line.another(), channel)
            self._tick(f"{line.handle} {channel.value}", every, look)
        out, doubt, gap, eyes = (line.another() for _ in range(4))
        self._tick(f"{line.handle} gaps", polling.mentions_seconds, lambda: search_gap(gap))
        self._tick(f"{line.handle} watcher", EVERY.total_seconds(), lambda: watch(eyes))
        self._tick(f"{line.handle} sender", sending.every_seconds, lambda: send_due(out))
        self._tick(
            f"{line.handle} reconciler",
            max(sending.every_seconds, sending.settle_seconds / 4),
            lambda: reconcile(doubt),
        )

    def _tick(self, name: str, seconds: float, step: Callable[[], object]) -> None:
        self._scheduler.add_job(_guarded(name, step), Every(seconds), id=name, next_run_time=clock.now())

    def _mind_the_clock(self) -> None:
        """The scheduler plans by the wall clock: put back by an hour, it would sleep for that hour."""
        before = clock.now()
        while not self._over.wait(CLOCK_SECONDS):
            now = clock.now()
            if now < before:
                log.warning("the clock was put back", seconds=(before - now).total_seconds())
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=now)
            before = now

    def __enter__(self) -> Schedule:
        self._scheduler.start()
        self._minder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._minder.join()
        self._scheduler.shutdown(wait=True)


def send_due(line: Line) -> int:
    """Send replies until none is due, or until it is others' turn; returns how many were tried."""
    return sum(1 for _ in takewhile(lambda _: send_next(line), range(MOST_AT_A_TIME)))


def _guarded(name: str, step: Callable[[], object]) -> Callable[[], Any]:
    """The edge of a job step: whatever happens is logged, and the next tick comes all the same."""

    def run() -> None:
        try:
            step()
        except XError as error:
            log.warning("X did not answer as hoped", step=name, why=str(error))
        except DeskError as error:
            log.error("step failed", step=name, why=str(error))
        except Exception:
            log.exception("step failed", step=name)

    return run


def _forget_old_sign_ins(desk: Desk) -> None:
    with desk.database.transaction() as session:
        sign_ins.forget_old(session, timedelta(hours=desk.settings.console.session_hours))
