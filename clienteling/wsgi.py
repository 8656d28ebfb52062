"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from clienteling import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

application = get_wsgi_application()
memory.settle()
