import os

from django.core.wsgi import get_wsgi_application

from config.web.legible import with_a_legible_head

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = with_a_legible_head(get_wsgi_application())
