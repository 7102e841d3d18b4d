import subprocess
import sys

PROGRAM = """
import sys
from config.celery import app
app.loader.import_default_modules()
from django.urls import reverse
reverse("search")
print(sorted({"ninja", "pydantic", "typst", "segno"} & set(sys.modules)))
"""


def test_a_worker_loads_nothing_that_only_answers_requests() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=360)
    assert done.stdout.strip() == "[]", done.stderr
