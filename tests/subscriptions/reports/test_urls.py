"""Where providers report."""

import subprocess
import sys

from anymail import urls as anymail_urls

from subscriptions.providers.table import provider_of
from subscriptions.reports import urls


def test_all_of_anymails_addresses_but_those_of_incoming_mail_are_served() -> None:
    anymails = [pattern for pattern in anymail_urls.urlpatterns if "inbound" not in pattern.name]
    assert {(str(pattern.pattern), pattern.name) for pattern in urls.urlpatterns} == {
        (str(pattern.pattern), pattern.name) for pattern in anymails
    }
    assert {
        provider_of(str(view.esp_name)): view.__name__ for view in (pattern.callback.view_class for pattern in anymails)
    } == urls.VIEWS


def test_what_providers_bring_along_is_not_imported_before_one_reports() -> None:
    looks = "import sys; import config.urls; print({'boto3', 'svix'} & set(sys.modules))"
    told = subprocess.check_output(
        [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "-c", looks], text=True
    )
    assert told == "set()\n"
