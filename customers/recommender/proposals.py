"""What the engine proposes in a past trial: the one place where an evaluation calls it."""

from customers.recommender.arrays import Integers
from customers.recommender.engine import Allowed, fit
from customers.recommender.facts import Config
from customers.recommender.trials import Trial


def proposed_by_engine(
    trial: Trial, *, n: int, config: Config, allowed: Allowed | None = None
) -> Integers:
    """The engine's items [len(trial.asked), n], best first, -1 where it shows none.

    It is given the facts of the trial and nothing of what came true.
    """
    facts = trial.facts
    model = fit(facts.interactions, facts.items, facts.people, config=config)
    return model.rank(trial.asked, facts.candidates, n=n, allowed=allowed).items
