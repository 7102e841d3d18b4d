import signal
import sys
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommender.encoding import encoder, http_server, query_encoder


class Command(BaseCommand):
    help = "Turn queries into vectors behind a local socket, and at QUERY_ENCODER_LISTEN, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        # Honcho and a service manager stop us with SIGTERM; an exit by exception removes the socket.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            query_encoder.load(settings.EMBEDDING_MODEL)
            server = query_encoder.Server(settings.QUERY_ENCODER_SOCKET)
            self._listen(settings.QUERY_ENCODER_LISTEN)
        except (encoder.ModelMissing, query_encoder.SocketUnusable, http_server.Unusable) as error:
            raise CommandError(str(error)) from error
        self._serve(server)

    def _listen(self, address: str) -> None:
        """Answer other machines in a thread that ends with the process."""
        if address:
            Thread(target=http_server.listen(address).run, daemon=True).start()
            self.stdout.write(f"The query encoder listens at http://{address}.")

    def _serve(self, server: query_encoder.Server) -> None:
        with server:
            self.stdout.write(f"The query encoder listens at {server.path}.")
            self.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("The query encoder stops.")
