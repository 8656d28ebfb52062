"""`make bench`: every benchmark in turn, each as a table, as ratios to a floor of the same run."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")

import django

django.setup()

from bench import (  # noqa: E402 - Django first
    day_page,
    decision_record,
    import_speed,
    lapse_quality,
    outbox_faults,
    recommender_quality,
    suggestions_speed,
)

BENCHMARKS = (
    import_speed,
    suggestions_speed,
    day_page,
    decision_record,
    recommender_quality,
    lapse_quality,
    outbox_faults,
)


def main() -> None:
    for benchmark in BENCHMARKS:
        summary = (benchmark.__doc__ or "").splitlines()[0]
        print(f"\n== {summary}\n", flush=True)
        benchmark.main()


if __name__ == "__main__":
    main()
