"""What the rooms share of Flask and SQLAlchemy: base class, column types, one kind of transaction."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice, repeat
from operator import is_, is_not
from typing import Any, TypeVar, cast

from flask import current_app
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Dialect,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
    select,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy import func as sql
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.pool import ConnectionPoolEntry

# An import of 100,000 rows is one transaction: whoever writes meanwhile waits for it.
BUSY_TIMEOUT_MS = 30_000
# Below the number of parameters that either database takes in one statement.
CHUNK = 5_000


class Base(DeclarativeBase):
    """All tables; constraints are named so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# What people typed stands in the parameters of statements, and faults of statements stand in the log.
db = SQLAlchemy(model_class=Base, engine_options={"hide_parameters": True})
migrate = Migrate(render_as_batch=True)
login_manager = LoginManager()
babel = Babel()
csrf = CSRFProtect()

Model = TypeVar("Model", bound=Base)
_is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)
_is_open: ContextVar[bool] = ContextVar("is_open", default=False)


def word(words: type[StrEnum], length: int = 32) -> EnumColumn:
    """Return the column type that stores a closed word list by its values, alike on SQLite and PostgreSQL."""
    return EnumColumn(
        words,
        native_enum=False,
        length=length,
        values_callable=lambda members: [str(member.value) for member in members],
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A time with zone, kept in UTC; SQLite has no zones, so it is stored without and read back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse times without zone: they would silently mean another hour."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal as plain text: SQLite would turn a numeric column into a float."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store without exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the number as it was entered."""
        return None if value is None else Decimal(value)


def total(amount: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Return the SQL sum, 0 for no rows."""
    return sql.coalesce(sql.sum(amount), 0)


def chunks(identifiers: Collection[int], size: int = CHUNK) -> Iterator[Sequence[int]]:
    """Yield the sorted distinct identifiers in runs that fit one statement."""
    remaining = iter(sorted(set(identifiers)))
    while run := list(islice(remaining, size)):
        yield run


def audit_key() -> bytes:
    """Return the key of the audit chain, kept outside the database."""
    return cast("bytes", current_app.config["AUDIT_KEY"])


@contextmanager
def writing() -> Iterator[None]:
    """Let every transaction that begins inside take the write lock at its first statement."""
    token = _is_writing.set(True)
    try:
        yield
    finally:
        _is_writing.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Let what is read inside keep nobody from writing, though more is written afterwards."""
    db.session.rollback()
    token = _is_writing.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        _is_writing.reset(token)


@contextmanager
def transaction() -> Iterator[None]:
    """Run the block as one write transaction: all of it is stored, or nothing; joins an open one."""
    if _is_open.get():
        yield
        return
    if not _is_writing.get():
        # A reading transaction cannot be upgraded safely: what it read may be old by now.
        db.session.rollback()
    token = _is_open.set(True)
    try:
        with writing():
            yield
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _is_open.reset(token)


def insert_rows(
    table: Table, names: Sequence[str], rows: Sequence[Sequence[object]], on_conflict: str = ""
) -> None:
    """Insert rows of values in the order of these columns, each value as its column's type stores it."""
    if rows:
        insert_columns(table, dict(zip(names, zip(*rows, strict=True), strict=True)), on_conflict)


def insert_columns(table: Table, values: Mapping[str, Sequence[object]], on_conflict: str = "") -> None:
    """Insert rows whose values stand column by column.

    An import has 100,000 rows for several tables: a mapping for each row would take most of its time. What
    no row says is not mentioned either: a column without a value is NULL.
    """
    connection = db.session.connection()
    said = {name: column for name, column in values.items() if any(map(is_not, column, repeat(None)))}
    names = tuple(said)
    columns = [_stored(table.c[name], column, connection.dialect) for name, column in said.items()]
    mark = placeholder(connection)
    into = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join([mark] * len(names))
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({into}) VALUES ({marks}) {on_conflict}',  # noqa: S608 - names of columns
        list(zip(*columns, strict=True)),
    )


def placeholder(connection: Connection) -> str:
    """Return what stands for a value in a statement that goes to the driver as it is."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def reserve_ids(column: Column[int], number: int) -> list[int]:
    """Return so many new numbers for rows of this table, which nobody else will use."""
    if db.session.get_bind().dialect.name == "sqlite":
        # Whoever writes holds the only write lock.
        last = db.session.scalar(select(sql.max(column))) or 0
        return list(range(last + 1, last + 1 + number))
    sequence = sql.pg_get_serial_sequence(column.table.name, column.name)
    return list(db.session.scalars(select(sql.nextval(sequence)).select_from(sql.generate_series(1, number))))


def get_locked(model: type[Model], identifier: int) -> Model | None:
    """Return the row, freshly read and locked until the transaction ends."""
    return db.session.execute(
        select(model)
        .where(model.__table__.c.id == identifier)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _stored(column: Column[Any], values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
    if len(values) > 1 and all(map(is_, values, repeat(values[0]))):
        [value] = _stored(column, values[:1], dialect)
        return repeat(value, len(values))
    if isinstance(column.type, EnumColumn):
        return (value and str(value) for value in values) if column.nullable else map(str, values)
    store = column.type.dialect_impl(dialect).bind_processor(dialect)
    if store is None:
        return values
    if isinstance(column.type, Date):
        known = {value: store(value) for value in set(values)}
        return map(known.__getitem__, values)
    return map(store, values)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            # 32 MB, taken as far as needed: an import of 100,000 rows would write pages again and again.
            "cache_size = -32768",
            "foreign_keys = ON",
            "recursive_triggers = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    is_writing = _is_writing.get()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
    elif not is_writing:
        # All figures of a page or report come from one moment, and a page that only reads cannot write.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
