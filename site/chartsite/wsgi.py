"""What a WSGI server loads: `gunicorn --pythonpath site chartsite.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chartsite.settings")
application = get_wsgi_application()
