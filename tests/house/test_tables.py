"""A table belongs to one domain and bears its name; foreign keys stay inside; every growing table can be sharded."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Integer, MetaData, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from hutong.infra.db import Base

from .everything import load_everything, owner_of


def wrong_with(table: Table) -> Iterator[str]:
    """What keeps a table from being sharded by its distribution column, or from being without one."""
    info = table.info
    if isinstance(info.get("reference"), str) and info["reference"]:
        if "distributed_by" in info:
            yield f"{table.name} is both distributed and a reference"
        return
    column = str(info.get("distributed_by"))
    if column not in table.columns:
        yield f"{table.name} names no column of its own in info['distributed_by'], nor why it is a reference"
        return
    keys = list(table.primary_key.columns)
    if not keys or keys[0].name != column:
        yield f"{table.name} is distributed by {column}, which must come first in its primary key"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and column not in constraint.columns:
            names = ", ".join(each.name for each in constraint.columns)
            yield f"{table.name} is unique in ({names}) without {column}, which no shard can promise"
    for index in table.indexes:
        if index.unique and column not in index.columns:
            yield f"{table.name} has the unique index {index.name} without {column}, which no shard can promise"


def wrong_with_keys_of(table: Table) -> Iterator[str]:
    """Foreign keys stay inside the domain and carry the distribution column, or lead to a reference table."""
    for constraint in table.foreign_key_constraints:
        there = constraint.referred_table
        if there.name.split("_")[0] != table.name.split("_")[0]:
            yield f"{table.name} has a foreign key to {there.name}, across domains; keep the number alone"
        elif "reference" not in there.info:
            pairs = {(key.parent.name, key.column.name) for key in constraint.elements}
            if (table.info.get("distributed_by"), there.info.get("distributed_by")) not in pairs:
                yield f"{table.name} has a foreign key to {there.name} without the distribution column of both"


def test_tables_bear_the_name_of_their_domain() -> None:
    load_everything()
    for mapper in Base.registry.mappers:
        assert isinstance(mapper.local_table, Table)
        owner = owner_of(mapper.class_.__module__)
        assert mapper.local_table.name.startswith(f"{owner}_"), mapper.class_
        strangers = [
            one.mapper.class_ for one in mapper.relationships if owner_of(one.mapper.class_.__module__) != owner
        ]
        assert strangers == [], f"{mapper.class_} has a relationship across domains"
    assert owner_of("hutong.domains.chat.models") == "chat"
    assert owner_of("hutong.infra.limits") == "infra"


def test_every_table_can_be_sharded() -> None:
    load_everything()
    tables = Base.metadata.sorted_tables
    assert len(tables) >= 2
    assert [wrong for table in tables for wrong in wrong_with(table)] == []
    assert [wrong for table in tables for wrong in wrong_with_keys_of(table)] == []


def _table(name: str, *more: SchemaItem, metadata: MetaData, **info: str) -> Table:
    columns = (Column("chat_id", Integer, primary_key=True), Column("id", Integer, primary_key=True))
    return Table(name, metadata, *columns, *more, info=info)


@pytest.mark.parametrize("info", [{}, {"distributed_by": "id"}, {"distributed_by": "account"}, {"reference": ""}])
def test_a_table_that_no_shard_can_hold_is_caught(info: dict[str, str]) -> None:
    assert list(wrong_with(_table("chat_message", metadata=MetaData(), **info)))


def test_a_unique_key_without_the_distribution_column_is_caught() -> None:
    metadata = MetaData()
    assert list(wrong_with(_table("chat_a", UniqueConstraint("id"), metadata=metadata, distributed_by="chat_id")))
    good = UniqueConstraint("chat_id", "id")
    assert not list(wrong_with(_table("chat_b", good, metadata=metadata, distributed_by="chat_id")))


def test_a_foreign_key_that_leaves_or_forgets_is_caught() -> None:
    metadata = MetaData()
    _table("chat_chat", metadata=metadata, distributed_by="chat_id")
    _table("identity_account", metadata=metadata, distributed_by="chat_id")
    _table("chat_kind", metadata=metadata, reference="a handful of rows")

    def wrong(name: str, columns: list[str], there: list[str]) -> list[str]:
        key = ForeignKeyConstraint(columns, there)
        return list(wrong_with_keys_of(_table(name, key, metadata=metadata, distributed_by="chat_id")))

    assert wrong("chat_a", ["chat_id"], ["identity_account.chat_id"])
    assert wrong("chat_b", ["id"], ["chat_chat.id"])
    assert wrong("chat_c", ["chat_id", "id"], ["chat_chat.id", "chat_chat.chat_id"])
    assert not wrong("chat_d", ["chat_id", "id"], ["chat_chat.chat_id", "chat_chat.id"])
    assert not wrong("chat_e", ["id"], ["chat_kind.id"])
