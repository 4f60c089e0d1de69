"""Django's `flush`, for tests with real commits: empties only the tables that hold something.

Django truncates every table and makes content types and permissions anew, which takes a second on PostgreSQL and
MariaDB; a test fills three tables.
"""

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connections, transaction

# Made by `migrate`, and the same for all tests.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


class Command(Flush):
    """Empty the tables that a test has filled."""

    def handle(self, **options: Any) -> None:
        using = options["database"]
        connection = connections[using]
        names = set(connection.introspection.django_table_names(only_existing=False)) - KEPT
        tables = {name: connection.ops.quote_name(name) for name in sorted(names)}
        tests = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {table})" for name, table in tables.items()]  # noqa: S608
        # Foreign keys are deferred to the commit, or not looked at.
        with connection.constraint_checks_disabled(), transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(tests))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {tables[name]}")  # noqa: S608  (Django's own table names)
