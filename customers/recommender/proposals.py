"""What the engine proposes in a past trial: the one place where an evaluation calls it.

Opinions take no part: they answer what was shown, so that at a past date before the first
suggestion there are none, and later ones would favor whoever showed them.
"""

import numpy as np

from customers.recommender.arrays import Integers
from customers.recommender.blend import Blend
from customers.recommender.engine import Verdicts, fit
from customers.recommender.facts import Config
from customers.recommender.learning import Progress, learn
from customers.recommender.trials import Trial


def learned_before(
    trial: Trial,
    *,
    new_within: int,
    config: Config | None = None,
    progress: Progress | None = None,
) -> Blend:
    """The blend that the engine learns from what lies before the trial's moment."""
    facts = trial.facts
    return learn(
        facts.interactions,
        facts.items,
        facts.people,
        new_within=new_within,
        config=config or Config(),
        progress=progress,
    ).blend


def proposed_by_engine(
    trial: Trial,
    *,
    n: int,
    config: Config,
    blend: Blend,
    verdicts: Verdicts | None = None,
) -> Integers:
    """The engine's items [len(trial.asked), n], best first, -1 where it shows none.

    It is given the facts of the trial and nothing of what came true; the `blend` should come
    from `learned_before`, of this trial or of an earlier one.
    """
    facts = trial.facts
    model = fit(facts.interactions, facts.items, facts.people, config=config, blend=blend)
    rankings = model.rank(trial.asked, facts.candidates, n=n, verdicts=verdicts)
    rows = [ranking.items for ranking in rankings]
    return np.concatenate(rows) if rows else np.full((len(trial.asked), n), -1, dtype=np.int32)
