"""What is queued wakes a worker, where a site has one."""

import pytest
from django.db import transaction

from wagtail_referrals.messages import wake
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.tasks import deliver_outbox


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


@pytest.fixture
def woken(monkeypatch, settings):
    """How often a worker was woken."""
    settings.WAGTAIL_REFERRALS = {"OUTBOX_TASK": True}
    calls = []

    class Task:
        @staticmethod
        def enqueue():
            calls.append(1)

    monkeypatch.setattr(wake, "import_string", lambda path: Task)
    return calls


def test_without_the_setting_nobody_is_woken(queue, monkeypatch, on_commit):
    monkeypatch.setattr(wake, "import_string", lambda path: pytest.fail("woken"))
    with on_commit(execute=True):
        queue("a@example.org")


def test_many_mails_wake_one_worker(queue, woken, on_commit):
    with on_commit(execute=True):
        queue("a@example.org", "b@example.org")
    assert len(woken) == 1


def test_what_comes_while_it_is_at_work_wakes_another(queue, woken, on_commit):
    for email in ("a@example.org", "b@example.org"):
        with on_commit(execute=True):
            queue(email)
        wake.awake()
    assert len(woken) == 2


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_is_rolled_back(queue, woken):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue("a@example.org")
        raise ZeroDivisionError
    assert not woken


def test_a_queue_of_tasks_that_is_down_fails_nothing(queue, settings, monkeypatch, on_commit):
    settings.WAGTAIL_REFERRALS = {"OUTBOX_TASK": True}

    def down(path):
        raise ConnectionError

    monkeypatch.setattr(wake, "import_string", down)
    with on_commit(execute=True):
        queue("a@example.org")
    assert Message.objects.count() == 1


def test_the_task_sends_what_is_due(queue, settings, mailoutbox, on_commit):
    """With django_tasks' own backend, which does it at once."""
    settings.WAGTAIL_REFERRALS = {"OUTBOX_TASK": True}
    with on_commit(execute=True):
        queue("a@example.org")
    assert [mail.to for mail in mailoutbox] == [["a@example.org"]]
    assert deliver_due() == 0


def test_what_is_left_is_for_a_task_in_a_minute(queue, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    settings.WAGTAIL_REFERRALS = {"OUTBOX_PER_MINUTE": 1}
    queue("a@example.org", "b@example.org")
    deliver_outbox.call()
    (later,) = deliver_outbox.get_backend().results
    assert later.task.run_after is not None
