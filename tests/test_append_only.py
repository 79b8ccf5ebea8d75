"""What records what happened is added, and never changed or removed."""

import pytest

from wagtail_referrals.append_only import AppendOnlyModel

MODELS = AppendOnlyModel.__subclasses__()


def test_decisions_ledgers_and_versions_of_rules_are_such_rows():
    names = {model.__name__ for model in MODELS}
    assert names >= {"CouponEntry", "Decision", "RewardEntry", "RuleVersion"}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "change",
    [
        lambda model: model(pk=1).save(),
        lambda model: model(pk=1).delete(),
        lambda model: model.objects.update(pk=2),
        lambda model: model.objects.all().delete(),
    ],
    ids=["save", "delete", "update many", "delete many"],
)
def test_such_a_row_is_never_changed(model, change):
    with pytest.raises(TypeError, match="never"):
        change(model)
