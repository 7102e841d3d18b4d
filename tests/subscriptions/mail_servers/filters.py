"""Filters that look at a whole mail before the server answers, and take their time over one to "slow"."""

import socketserver
import threading
import time

DELAY = 4.0  # seconds, longer than the tests wait for any other answer
PATIENCE = 3.0  # that is how long


class SlowPolicy:
    """Postfix' policy service (its SMTPD_POLICY_README): attributes until an empty line, then an action."""

    def __init__(self) -> None:
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Asked, bind_and_activate=True)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        if self._thread:
            self.server.shutdown()
        self.server.server_close()


class _Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        recipient = b""
        for line in self.rfile:
            if line.startswith(b"recipient="):
                recipient = line.partition(b"=")[2]
            elif line == b"\n":
                time.sleep(DELAY if recipient.startswith(b"slow") else 0)
                self.wfile.write(b"action=DUNNO\n\n")
