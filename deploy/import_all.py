"""Import every module of the site and what its processes load later, as a proof that nothing is missing.

In the build of an image: what is imported is compiled, and a start then compiles nothing. Further modules may be named.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

OURS = ("config", "papers", "recommender", "subscriptions")
# What Celery, Django, Anymail and our own functions import only when they are used.
LATER = (
    "boto3",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.beat",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.concurrency.solo",
    "celery.fixups.django",
    "celery.worker.consumer",
    "celery.worker.components",
    "django.core.management.commands.migrate",
    "django.db.backends.postgresql.base",
    "gunicorn.app.wsgiapp",
    "kombu.transport.redis",
    "onnxruntime",
    "psycopg_binary",
    "scipy.cluster.hierarchy",
    "tokenizers",
)


def main(more: list[str]) -> None:
    root = Path(__file__).resolve().parent.parent
    sys.path.insert(0, str(root))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import_module("django").setup()
    names = [module.name for name in OURS for module in walk_packages([str(root / name)], f"{name}.")]
    for name in (*OURS, *names, *LATER, *more):
        import_module(name)


if __name__ == "__main__":
    main(sys.argv[1:])
