"""What the engine proposes in a past trial, and with which weights."""

from dataclasses import replace

import numpy as np
import numpy.testing as npt

from customers.recommender.arrays import Integers
from customers.recommender.blend import Blend
from customers.recommender.facts import Config, Interactions, Items, People
from customers.recommender.features import NAMES
from customers.recommender.proposals import learned_before, proposed_by_engine
from customers.recommender.tokens import Tokens
from customers.recommender.trials import Facts, Trial, trial_of

NEW_WITHIN, N_CUSTOMERS, N_ITEMS = 60, 60, 40


def trial(*, seed: int = 7) -> Trial:
    """Half of the customers buy the even items, half the odd ones; the last eight are new."""
    chance = np.random.default_rng(seed)
    launched = np.linspace(400, 5, N_ITEMS)
    customer = np.repeat(np.arange(N_CUSTOMERS), 25)
    item = 2 * chance.integers(0, N_ITEMS // 2, len(customer)) + customer % 2
    day = (launched[item] * chance.random(len(customer))).astype(np.int32)
    kinds = [[f"category={'even' if place % 2 == 0 else 'odd'}"] for place in range(N_ITEMS)]
    facts = Facts(
        interactions=Interactions(customer, item, day, np.ones(len(customer), dtype=np.int32)),
        items=Items(launched, np.full(N_ITEMS, 20), Tokens.build(kinds)),
        people=People.unknown(N_CUSTOMERS),
        candidates=np.arange(N_ITEMS - 8, N_ITEMS, dtype=np.int32),
    )
    later = np.arange(N_CUSTOMERS)
    return trial_of(facts, later, N_ITEMS - 2 + later % 2, lapse=90)


def proposed(asked: Trial, **arguments: object) -> Integers:
    settings = {"n": 4, "config": Config(), "blend": Blend.unlearned(), **arguments}
    return proposed_by_engine(asked, **settings)  # type: ignore[arg-type]


def test_proposed_are_candidates_new_to_those_asked_best_first() -> None:
    asked = trial()

    items = proposed(asked)

    assert items.shape == (len(asked.asked), 4)
    bought = asked.facts.bought().toarray()
    for customer, row in zip(asked.asked, items, strict=True):
        shown = row[row >= 0]
        assert len(set(shown.tolist())) == len(shown)
        assert np.isin(shown, asked.facts.candidates).all()
        assert not bought[customer, shown].any()
    assert (items[:, 0] % 2 == asked.asked % 2).mean() > 0.8


def test_proposed_listens_to_the_verdicts() -> None:
    asked = trial()
    barred = 3

    items = proposed(asked, verdicts=lambda customers, columns: np.where(columns == barred, 9, 0))

    assert asked.facts.candidates[barred] in proposed(asked)
    assert asked.facts.candidates[barred] not in items


def test_proposed_knows_nothing_of_what_came_true() -> None:
    asked = trial()

    blind = replace(asked, bought=asked.bought * 0)

    npt.assert_array_equal(proposed(blind), proposed(asked))


def test_proposed_for_nobody_is_an_empty_list() -> None:
    asked = trial()

    nobody = asked.of(np.zeros(len(asked.asked), dtype=bool))

    assert proposed(nobody).shape == (0, 4)


def test_proposed_goes_by_the_weights_it_is_given() -> None:
    asked = trial()
    only_age = dict.fromkeys(NAMES, 0.0) | {"age": -1.0}

    items = proposed(
        asked, blend=Blend.of_numbers(only_age, choices=1), config=Config(category_penalty=0)
    )

    fresh = [
        max(set(asked.facts.candidates.tolist()) - set(asked.facts.bought()[[each]].indices))
        for each in asked.asked.tolist()
    ]
    npt.assert_array_equal(items[:, 0], fresh)


def test_learned_before_learns_from_the_past_of_the_trial() -> None:
    blend = learned_before(trial(), new_within=NEW_WITHIN)

    assert blend.is_learned
    assert blend.weights.shape == (len(NAMES),)


def test_learned_before_without_a_past_is_unlearned() -> None:
    young = trial()
    lines = young.facts.interactions
    recent = Interactions(lines.customer, lines.item, lines.day % 40, lines.quantity)

    blend = learned_before(
        replace(young, facts=replace(young.facts, interactions=recent)), new_within=NEW_WITHIN
    )

    assert not blend.is_learned
