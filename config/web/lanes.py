"""The threads that compute answers, in three lanes: sign-ups, which anybody may send by the thousand, previews, others.

A flood of forms then waits for itself: a page, a click that unsubscribes and a provider's report find threads that are
free. So do previews, of which a visitor who types asks for one after another: they compute most of all answers, and
many at once would take the processor from each page that is just being made.
"""

from typing import Any

from django.urls import reverse
from waitress.task import ThreadedTaskDispatcher

SIGN_UPS = 1  # threads for them: in a flood each of them takes as much of the processor as a page
PREVIEWS = 2  # one more, for the while in which a library is gone through


class Lanes:
    """Waitress's dispatcher thrice; what a connection has asked for says which of them takes it."""

    def __init__(self) -> None:
        self.pages, self.sign_ups, self.previews = (ThreadedTaskDispatcher() for _ in range(3))
        self.lanes = (self.pages, self.sign_ups, self.previews)
        self.posted_to = {reverse("subscribe"): self.sign_ups, reverse("subscribe_preview"): self.previews}
        for lane in self.lanes:
            lane.queue_logger.disabled = True  # that requests wait for a moment is nothing to be told

    def set_thread_count(self, count: int) -> None:
        self.pages.set_thread_count(count)
        self.sign_ups.set_thread_count(min(SIGN_UPS, count))
        self.previews.set_thread_count(min(PREVIEWS, count))

    def add_task(self, channel: Any) -> None:
        asked = channel.requests[0]
        is_posted = not asked.error and asked.command == "POST"
        lane = self.posted_to.get(asked.path, self.pages) if is_posted else self.pages
        lane.add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        every = [lane.shutdown(cancel_pending, timeout) for lane in self.lanes]
        return all(every)

    def first_in_queues(self) -> list[Any]:
        """Return what waits longest in each lane; None where nothing waits."""
        return [self._first(lane) for lane in self.lanes]

    def _first(self, lane: ThreadedTaskDispatcher) -> Any:
        with lane.lock:
            return lane.queue[0] if lane.queue else None
