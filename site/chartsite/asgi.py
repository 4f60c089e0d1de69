"""What an ASGI server loads: `uvicorn --app-dir site chartsite.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chartsite.settings")
application = get_asgi_application()
