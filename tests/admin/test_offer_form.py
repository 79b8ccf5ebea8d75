"""The form of an offer, as a browser draws and sends it."""

from collections import Counter
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client

from tests.trials import make_big_offer, run_trial
from wagtail_referrals.programs.experiment_models import Subject
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.rewards.pool_models import CodePool

CREATE = "/admin/referrals/offers/create/"


def fields_of(client: Client, address: str) -> list[tuple[str, str]]:
    """Each field's name and value in the order of the page, as a browser would send them."""
    soup = BeautifulSoup(client.get(address).content, "html.parser")
    form: Any = next(form for form in soup.find_all("form") if form.find(attrs={"name": "kind"}))
    sent = []
    for field in form.find_all(["input", "select", "textarea"], attrs={"name": True}):
        value = field.get("value", field.text)
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            value = chosen["value"] if chosen else ""
        elif field.get("type") == "checkbox":
            if not field.has_attr("checked"):
                continue
            value = field.get("value", "on")
        sent.append((field["name"], value))
    return sent


def test_each_field_is_there_once_and_what_is_chosen_is_kept(owner: Client, db: None) -> None:
    pool = CodePool.objects.create(name="Museum")
    sent = fields_of(owner, CREATE)
    often = Counter(name for name, _value in sent)
    assert {"fulfilment", "pool-pool", "pool-when_empty"} <= often.keys()
    assert [name for name, times in often.items() if times > 1] == []
    chosen = {"name": "Ticket", "kind": "free_item", "item": "a ticket", "fulfilment": "pool"}
    chosen |= {"pool-pool": str(pool.pk), "pool-when_empty": "wait"}
    assert owner.post(CREATE, {**dict(sent), **chosen}).status_code == 302
    offer = Offer.objects.get(name="Ticket")
    kept = {"pool": pool.pk, "when_empty": "wait"}
    assert (offer.fulfilment, offer.fulfilment_options) == ("pool", kept)

    edit = f"/admin/referrals/offers/edit/{offer.pk}/"
    sent = fields_of(owner, edit)
    assert dict(sent)["fulfilment"] == "pool"
    # Nothing was touched: nothing is lost.
    assert owner.post(edit, dict(sent)).status_code == 302
    offer.refresh_from_db()
    assert (offer.fulfilment, offer.fulfilment_options) == ("pool", kept)


def test_an_offer_that_is_tested_says_by_the_field_why_it_stays(
    owner: Client, program: Program
) -> None:
    offer = make_big_offer()
    edit = f"/admin/referrals/offers/edit/{offer.pk}/"
    run_trial(program, Subject.FRIEND_OFFER, offer=offer)
    page = owner.post(edit, {**dict(fields_of(owner, edit)), "amount": "30"})
    box = BeautifulSoup(page.content, "html.parser").find(attrs={"name": "amount"})
    wrapper: Any = box and box.find_parent(class_="w-field__wrapper")
    assert "being put to the test" in wrapper.text
    offer.refresh_from_db()
    assert offer.amount == 20
    assert owner.post(edit, {**dict(fields_of(owner, edit)), "name": "B"}).status_code == 302
