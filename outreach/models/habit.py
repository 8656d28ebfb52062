"""How clients answer, counted nightly for the choice of a channel."""

from django.db import models

from customers.models import Customer


class AnsweringPeers(models.Model):
    """Of the notes to clients like her, and to those of her store: how many were answered.

    Hers are left out of both. Only for clients who may be written to by either channel; computed
    nightly, swapped whole, never edited, so without constraints in or out.
    """

    customer = models.OneToOneField(
        Customer,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="answering_peers",
    )
    alike_sms_sent = models.PositiveIntegerField()
    alike_sms_answered = models.PositiveIntegerField()
    alike_email_sent = models.PositiveIntegerField()
    alike_email_answered = models.PositiveIntegerField()
    store_sms_sent = models.PositiveIntegerField()
    store_sms_answered = models.PositiveIntegerField()
    store_email_sent = models.PositiveIntegerField()
    store_email_answered = models.PositiveIntegerField()

    class Meta:
        ordering = ("customer_id",)

    def __str__(self) -> str:
        return f"Peers of {self.customer_id}"
