"""The app's own tables: what must be looked at, who is at it, who asked for it, and which files belong to no row."""

from django.db import models

# The order of work: one person's click goes before what signals tell of, and that before batches.
CLICK, SIGNAL, BATCH = 0, 10, 20


class Mark(models.Model):
    """The note, written in the transaction that changes a source, that a chart must be looked at."""

    batch = models.CharField(max_length=32)
    chart_model = models.CharField(max_length=127)
    chart_pk = models.CharField(max_length=191)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["batch", "chart_model", "chart_pk"], name="charts_mark_batch"),
            models.Index(fields=["created_at"], name="charts_mark_created"),
        ]

    def __str__(self) -> str:
        return f"{self.chart_model} {self.chart_pk} in {self.batch}"


class Job(models.Model):
    """What workers need to know of a chart; one lasting row a chart, beside it in its database."""

    chart_model = models.CharField(max_length=127)
    chart_pk = models.CharField(max_length=191)
    due_at = models.DateTimeField(null=True)
    stale_since = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="")
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    priority = models.SmallIntegerField(default=SIGNAL)
    error = models.TextField(default="")
    failed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    warnings = models.JSONField(default=list)
    duration = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chart_model", "chart_pk"], name="charts_job_chart")]
        indexes = [models.Index(fields=["due_at"], name="charts_job_due")]

    def __str__(self) -> str:
        return f"{self.chart_model} {self.chart_pk}"


class LooseFile(models.Model):
    """A file of ours in storage that no row names: not yet, or no more.

    `picture` is the name a row would hold; `name` is this file's, which differs for a picture's other variants.
    A condemned file can no longer be published: somebody is deleting it.
    """

    model = models.CharField(max_length=127)
    field = models.CharField(max_length=127)
    picture = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    delete_at = models.DateTimeField()
    condemned = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["delete_at"], name="charts_loosefile_delete"),
            models.Index(fields=["name"], name="charts_loosefile_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """Charts that somebody has selected to be regenerated: who, which, when. What became of them, their rows say.

    Until it is confirmed it is a selection that nobody acts on. `user_pk` and `user_name` are who made it: his accounts
    may lie in another database, and be deleted one day.
    """

    chart_model = models.CharField(max_length=127)
    # The class whose admin it was made in: a proxy's own label, which `chart_model` does not have.
    chart_class = models.CharField(max_length=127)
    user_pk = models.CharField(max_length=191, default="")
    user_name = models.CharField(max_length=255, default="")
    only_stale = models.BooleanField(default=False)
    redraw = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["chart_class", "created_at"], name="charts_batch_class")]

    def __str__(self) -> str:
        return f"{self.chart_class} of {self.created_at:%Y-%m-%d %H:%M} UTC"


class BatchItem(models.Model):
    """One chart of a batch: how it was when the batch took it up, so that its rows tell what has become of it.

    `version` is what its data's version was raised to, and NULL until then. What it came to is written down once it
    can change no more: a chart that was drawn for this batch is drawn again, for other reasons, later.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    chart_pk = models.CharField(max_length=191)
    version = models.PositiveBigIntegerField(null=True)
    image_before = models.TextField(default="")
    digest_before = models.CharField(max_length=64, default="")
    failed_before = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="")
    is_logged = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "chart_pk"], name="charts_batchitem_chart")]
        indexes = [models.Index(fields=["batch", "outcome", "version"], name="charts_batchitem_open")]

    def __str__(self) -> str:
        return f"{self.chart_pk} in batch {self.batch_id}"
