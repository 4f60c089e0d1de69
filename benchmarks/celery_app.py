"""The Celery app of worlds whose engine is one of its brokers."""

import django
from celery import Celery
from django.conf import settings

django.setup()

app = Celery("benchmarks", broker=settings.WORLD["broker"])
app.conf.task_default_queue = settings.WORLD["queue"]
app.autodiscover_tasks(["charts.contrib"], related_name="celery", force=True)
