"""A sign of life to a watcher outside, which alarms when the signs stop: nobody inside can tell of a dead machine."""

import logging
from urllib.parse import urlsplit

import requests

from subscriptions.limits import kill_switch

logger = logging.getLogger(__name__)
TIMEOUT = (2, 3)  # seconds to connect and to answer: mail never waits long for its watcher


def ping(url: str) -> bool:
    """Ask for the url, and tell whether it answered well; an empty one is not asked, and errors are only logged.

    Nor does a copy of the database ask, whose signs would hide that the original has died.

    Never call it inside a transaction: it may take five seconds. The log names the host alone, since the path of such
    an address is its password.
    """
    if not url or not kill_switch.is_mine():
        return False
    try:
        answer = requests.get(url, timeout=TIMEOUT)
    except requests.RequestException as error:
        logger.warning("The watcher at %s was not reached: %s.", urlsplit(url).hostname, type(error).__name__)
        return False
    if not answer.ok:
        logger.warning("The watcher at %s answered %s.", urlsplit(url).hostname, answer.status_code)
    return answer.ok
