"""The review queue: readings in doubt wait, with their pictures, until a person accepts or corrects them.

What was decided leaves the queue as a data set that the model is trained on. The queue is kept in a database, SQLite or
PostgreSQL, and needs SQLAlchemy; it is imported when a queue is opened.
"""

from typing import TYPE_CHECKING

from glyphic.core.errors import MissingExtraError

if TYPE_CHECKING:
    from glyphic.review.store import Store

__all__ = ["open_store"]


def open_store(url: str = "sqlite:///queue.db") -> "Store":
    """The queue in the database at `url`, made where there is none.

    Errors: as `Store`; MissingExtraError where SQLAlchemy or the driver of PostgreSQL is not installed.
    """
    try:
        from glyphic.review.store import Store
    except ImportError as error:
        if error.name and error.name.partition(".")[0] == "sqlalchemy":
            raise MissingExtraError("the review queue", "serve") from error
        raise
    return Store(url)
