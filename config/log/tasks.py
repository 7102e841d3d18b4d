"""Lines of a Celery task bear its id, and that of the request or task that has started it."""

from typing import Any

from celery import signals

from config.log import context

HEADER = "started_by_request"
_marks: dict[str, context.Mark] = {}


@signals.setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Keep Celery from setting up handlers of its own, and from taking our output, by receiving this signal."""


@signals.before_task_publish.connect
def take_along(headers: dict[str, Any], **kwargs: Any) -> None:
    request = context.current().get("request")
    if request:
        headers[HEADER] = request


@signals.task_prerun.connect
def begin(task_id: str, task: Any, **kwargs: Any) -> None:
    request = getattr(task.request, HEADER, None) or (task.request.headers or {}).get(HEADER, "")
    _marks[task_id] = context.bind(task=task_id, task_name=task.name, request=str(request or ""))


@signals.task_postrun.connect
def end(task_id: str, **kwargs: Any) -> None:
    mark = _marks.pop(task_id, None)
    if mark is not None:
        context.release(mark)
