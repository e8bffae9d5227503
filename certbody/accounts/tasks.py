from celery import shared_task

from certbody.accounts.stale import disable_stale_accounts


@shared_task(name="accounts.disable_stale")
def disable_stale() -> None:
    disable_stale_accounts()
