"""Where a chaos run takes place: services, fakes and the fleet, around an empty database that this process sees too."""

import json
import os
import shutil
from typing import Self

import django

from tests.chaos.fleet import Fleet
from tests.fakes.process import Fake
from tests.services import PostgresServer, RedisServer, fresh_database


class Place:
    def __init__(self, kind: str, workers: int, seed: int) -> None:
        self.services = (RedisServer(), PostgresServer()) if kind == "postgresql" else None
        self.fakes = [Fake("provider", seed), Fake("smtp", seed)]
        self.fleet = Fleet(workers, SPREAD_MINUTES="1", EDITION_WAIT_MINUTES="0", INSTANCE_ID="chaos")

    def __enter__(self) -> Self:
        """Only now may anything be imported that reads Django's settings."""
        for service in (*(self.services or ()), *self.fakes):
            service.start()
        self.fleet.environment |= self._database_and_broker()
        os.environ |= self.fleet.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        self.fleet.manage("migrate", "-v0")
        django.setup()
        return self

    def __exit__(self, *details: object) -> None:
        if os.environ.get("CHAOS_KEEP"):
            shutil.copytree(self.fleet.folder, os.environ["CHAOS_KEEP"], symlinks=True, dirs_exist_ok=True)
        self.fleet.kill()
        self.fleet.remove()
        for service in (*(self.services or ()), *self.fakes):
            service.remove()

    def _database_and_broker(self) -> dict[str, str]:
        if not self.services:
            return {"DATABASE_URL": f"sqlite:///{self.fleet.folder}/chaos.sqlite3"}
        redis, postgres = self.services
        return {"DATABASE_URL": fresh_database(postgres, "chaos"), "REDIS_URL": redis.url}


def mail_settings(fake: Fake) -> dict[str, str]:
    """For processes that send by this fake."""
    if fake.kind == "smtp":
        url = f"smtp://127.0.0.1:{fake.port}"
        return {"EMAIL_URL": url, "EMAIL_BACKEND": "", "ANYMAIL": "{}", "SMTP_ANSWER_SECONDS": "15"}
    key = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": f"http://127.0.0.1:{fake.port}/"}
    settings = key | {"REQUESTS_TIMEOUT": (1, 2)}
    return {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": json.dumps(settings)}
