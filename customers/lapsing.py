"""Who is late, as a question to the database that combines with others."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Ceil

from clienteling.defaults import ABOUT_TO_LAPSE_FACTOR, VISITS_FOR_A_RHYTHM
from clienteling.prepared import Moment
from customers.rhythm import LIKELY

A_DAY = timedelta(days=1)


def about_to_lapse(*, at: Moment, days: int) -> Q:
    """Not lapsed yet, but late by her own rhythm, and no longer likely to come by herself.

    The rule of `customers.rhythm.is_about_to_lapse`; without an outlook her rhythm decides.
    """
    late_days = Ceil(ABOUT_TO_LAPSE_FACTOR * F("usual_gap_days"))  # full days are counted
    late_for = ExpressionWrapper(late_days * A_DAY, output_field=DurationField())
    moment = at if isinstance(at, Value) else Value(at)
    return Q(
        last_purchase_at__gt=at - timedelta(days=days),
        last_purchase_at__lte=CombinedExpression(moment, "-", late_for),
        visit_count__gte=VISITS_FOR_A_RHYTHM,
        usual_gap_days__gt=0,
    ) & ~Q(outlook__will_buy__gte=LIKELY)
