"""People of the admin: clients of those who may do everything, and of those who may do some of it."""

from django.contrib.auth.models import Permission, User
from django.test import Client


def boss() -> Client:
    """Return a client that may do everything."""
    return _client(User.objects.create_superuser("boss"))


def clerk(*codenames: str) -> Client:
    """Return a client of the staff with some permissions: `clerk("view_scripted")`."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return _client(user)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
