"""A Celery app as a project would have it, for workers that tests start."""

import os

import django
from celery import Celery

django.setup()

app = Celery("tests", broker=os.environ["CHARTS_BROKER"])
app.conf.task_default_queue = os.environ["CHARTS_QUEUE"]
app.autodiscover_tasks(["charts.contrib"], related_name="celery", force=True)
