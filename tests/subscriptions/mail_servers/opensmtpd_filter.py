"""A filter of OpenSMTPD (smtpd-filters(7)): holds up the commit of a mail to "slow". Run by smtpd, on its own."""

import sys
import time

DELAY = 4.0  # seconds
slow: set[str] = set()  # sessions


def say(*words: str) -> None:
    sys.stdout.write("|".join(words) + "\n")
    sys.stdout.flush()


for line in sys.stdin:
    kind, *fields = line.rstrip("\n").split("|")
    if kind == "config" and fields[0] == "ready":
        say("register", "report", "smtp-in", "tx-rcpt")
        say("register", "filter", "smtp-in", "commit")
        say("register", "ready")
    elif kind == "report" and "slow@" in line:
        slow.add(fields[4])
    elif kind == "filter":
        if fields[4] in slow:
            slow.discard(fields[4])
            time.sleep(DELAY)
        say("filter-result", fields[4], fields[5], "proceed")
