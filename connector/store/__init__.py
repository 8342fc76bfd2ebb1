"""The connector's database: work queue, outbox, submissions, numbers. SQLite by default, PostgreSQL for replicas."""

from connector.store.database import SqlStore

__all__ = ["SqlStore"]
