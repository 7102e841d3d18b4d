"""A mail provider on the loopback that takes everything, in the form of Postmark's API; a process of its own."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

ids = count()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection stays open
    wbufsize = -1  # headers and body leave together: two small packets would wait for each other

    def do_POST(self) -> None:
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"ErrorCode": 0, "Message": "OK", "MessageID": f"id-{next(ids)}", "To": mail["To"]})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing: it is measured, not watched."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
