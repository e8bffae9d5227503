"""A browser whose reader has just proved who he is, as a sign-in by the page leaves it in the session."""

from django.test import Client

from certbody import clock


def prove(browser: Client) -> Client:
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": clock.now().timestamp()}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return browser
