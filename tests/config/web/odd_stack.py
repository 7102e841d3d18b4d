"""The web server of the Procfile with a site that tells what arrived and takes as long as it is asked to."""

from tests.stack import PROCFILE, Stack


class OddStack(Stack):
    """The site with the addresses of tests/config/web/odd_site.py, and less patience with workers that hang."""

    def command(self, name: str) -> str:
        odd = PROCFILE[name].replace("config.wsgi", "tests.config.web.odd_site")
        assert odd != PROCFILE[name]
        return odd.replace("gunicorn ", "gunicorn --timeout 2 ")
