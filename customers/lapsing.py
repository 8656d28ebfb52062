"""Who is late, as a question to the database that combines with others."""

from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Ceil

from clienteling.defaults import ABOUT_TO_LAPSE_FACTOR, VISITS_FOR_A_RHYTHM
from customers.rhythm import LIKELY

A_DAY = timedelta(days=1)


def about_to_lapse(*, at: datetime, days: int) -> Q:
    """Not lapsed yet, but late by her own rhythm, and no longer likely to come by herself.

    The rule of `customers.rhythm.is_about_to_lapse`; without an outlook her rhythm decides.
    """
    late_days = Ceil(ABOUT_TO_LAPSE_FACTOR * F("usual_gap_days"))  # full days are counted
    late_for = ExpressionWrapper(late_days * A_DAY, output_field=DurationField())
    return Q(
        last_purchase_at__gt=at - timedelta(days=days),
        last_purchase_at__lte=Value(at) - late_for,
        visit_count__gte=VISITS_FOR_A_RHYTHM,
        usual_gap_days__gt=0,
    ) & ~Q(outlook__will_buy__gte=LIKELY)
