"""What the engine proposes in a past trial: the one place where an evaluation calls it."""

import numpy as np

from customers.recommender.arrays import Integers
from customers.recommender.blend import Blend
from customers.recommender.engine import Verdicts, fit
from customers.recommender.facts import Config
from customers.recommender.learning import learn
from customers.recommender.trials import Trial


def proposed_by_engine(
    trial: Trial,
    *,
    n: int,
    config: Config,
    new_within: int,
    verdicts: Verdicts | None = None,
    blend: Blend | None = None,
) -> Integers:
    """The engine's items [len(trial.asked), n], best first, -1 where it shows none.

    It is given the facts of the trial and nothing of what came true; unless a `blend` is given
    it learns its own from what lies before.
    """
    facts = trial.facts
    arguments = (facts.interactions, facts.items, facts.people)
    if blend is None:
        blend = learn(*arguments, new_within=new_within, config=config).blend
    model = fit(*arguments, config=config, blend=blend)
    rankings = model.rank(trial.asked, facts.candidates, n=n, verdicts=verdicts)
    rows = [ranking.items for ranking in rankings]
    return np.concatenate(rows) if rows else np.full((len(trial.asked), n), -1, dtype=np.int32)
