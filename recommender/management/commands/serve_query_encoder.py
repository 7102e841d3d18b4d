import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommender.encoding import encoder, onnx_encoder, query_encoder


class Command(BaseCommand):
    help = "Turn queries into vectors behind a local socket, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        # Honcho and a service manager stop us with SIGTERM; an exit by exception removes the socket.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            onnx_encoder.load(settings.EMBEDDING_MODEL)
            server = query_encoder.Server(settings.QUERY_ENCODER_SOCKET)
        except (encoder.ModelMissing, query_encoder.SocketUnusable) as error:
            raise CommandError(str(error)) from error
        self._serve(server)

    def _serve(self, server: query_encoder.Server) -> None:
        with server:
            self.stdout.write(f"The query encoder listens at {server.path}.")
            self.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("The query encoder stops.")
