"""The threads that compute answers, in two lanes: sign-ups, which anybody may send by the thousand, and all the rest.

A flood of forms then waits for itself: a page, a click that unsubscribes and a provider's report find threads that are
free.
"""

from typing import Any

from django.urls import reverse
from waitress.task import ThreadedTaskDispatcher

SIGN_UPS = 1  # threads for them: in a flood each of them takes as much of the processor as a page


class Lanes:
    """Waitress's dispatcher twice; what a connection has asked for says which of them takes it."""

    def __init__(self) -> None:
        self.pages, self.sign_ups = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self.sign_up_path = reverse("subscribe")
        for lane in (self.pages, self.sign_ups):
            lane.queue_logger.disabled = True  # that requests wait for a moment is nothing to be told

    def set_thread_count(self, count: int) -> None:
        self.pages.set_thread_count(count)
        self.sign_ups.set_thread_count(min(SIGN_UPS, count))

    def add_task(self, channel: Any) -> None:
        asked = channel.requests[0]
        is_sign_up = not asked.error and asked.command == "POST" and asked.path == self.sign_up_path
        (self.sign_ups if is_sign_up else self.pages).add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        both = [lane.shutdown(cancel_pending, timeout) for lane in (self.pages, self.sign_ups)]
        return all(both)

    def first_in_queues(self) -> list[Any]:
        """Return what waits longest in each lane; None where nothing waits."""
        return [self._first(lane) for lane in (self.pages, self.sign_ups)]

    def _first(self, lane: ThreadedTaskDispatcher) -> Any:
        with lane.lock:
            return lane.queue[0] if lane.queue else None
