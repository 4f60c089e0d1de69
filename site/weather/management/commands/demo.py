"""One command from an empty folder to a site with pictures in the browser."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from weather.models import Station

ADMIN = "admin"


class Command(BaseCommand):
    """Set the demo up and serve it; a second run keeps everything that is there."""

    help = "Makes the database, loads the weather, draws the charts, makes an admin once, and serves the site."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
        parser.add_argument("--no-serve", action="store_true", help="set everything up and stop")

    def handle(self, *, port: int, no_serve: bool, **options: Any) -> None:
        Path(settings.VAR).mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_weather", stdout=self.stdout)
        call_command("load_almanac", stdout=self.stdout)
        self.draw()
        password = admin_password(Path(settings.VAR) / "admin-password.txt")
        self.stdout.write(welcome(f"http://127.0.0.1:{port}", password))
        if not no_serve:
            os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, stdout=self.stdout)

    def draw(self) -> None:
        """Draw what is stale; a chart that fails says so on its own page and keeps no other from being shown."""
        try:
            call_command("render_charts", stdout=self.stdout, stderr=self.stderr)
        except CommandError as error:
            self.stderr.write(self.style.ERROR(str(error)))


def admin_password(note: Path) -> str:
    """Make an admin with a random password, once, and note it where only this user reads it.

    Returns:
        The password, or what is known of it when the admin was there already.
    """
    users = get_user_model().objects
    if users.filter(username=ADMIN).exists():
        return note.read_text(encoding="utf-8").strip() if note.exists() else "(unchanged)"
    password = secrets.token_urlsafe(12)
    note.touch(mode=0o600)
    note.write_text(f"{password}\n", encoding="utf-8")
    users.create_superuser(ADMIN, password=password)
    return password


def welcome(site: str, password: str) -> str:
    """Say where everything is."""
    places = {
        "Gallery": f"{site}/",
        **{station.name: f"{site}{station.get_absolute_url()}" for station in Station.objects.all()},
        "Admin": f"{site}/admin/   {ADMIN} / {password}",
    }
    width = max(map(len, places))
    return "\n" + "\n".join(f"  {name:<{width}}  {place}" for name, place in places.items()) + "\n"
