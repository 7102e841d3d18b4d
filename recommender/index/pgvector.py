"""Vectors in PostgreSQL, found by pgvector's HNSW index: the web server holds none of them.

The table belongs to no Django model: it is made where the extension is, and filled from the stored vectors.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection, transaction
from tqdm import tqdm

from recommender.index.engines import TABLE, Near, stamp
from recommender.index.hybrid import Scale
from recommender.index.layers import Ids, Mask
from recommender.index.mirror import Follower
from recommender.models import EmbeddingModel
from recommender.vectors import Matrix, Vector, unpack_rows

PREFIX = "recommender_pgvector_"
SMALL = 200  # vectors that a request waits for: each has to find its place in the graph
CHUNK = 2_000
WINDOW = 10_000  # keys below the newest one, of which some may come to light late
WIDEST = 1_000  # candidates of a walk through the graph, at most
WIDE = 400
OFTEN = 0.25  # of all papers: where so many are allowed, enough of a wide walk's candidates are among them
SAMPLE = 5_000  # vectors that tell a mean and a deviation
MEMORY = 2_048  # megabytes for the making of the graph, at most; where it needs more it is made slowly

Row = tuple[Any, ...]  # a vector's key, its paper, itself


def is_installed() -> bool:
    """Tell whether this database has the extension."""
    if connection.vendor != "postgresql":
        return False
    return bool(_asked("SELECT 1 FROM pg_extension WHERE extname = 'vector'"))


class Index(Follower):
    """A table of one model's vectors."""

    def __init__(self, model: int, dimension: int) -> None:
        super().__init__()
        self.model, self.dimension, self.table = model, dimension, f"{PREFIX}{model}"
        self._sample: Matrix = np.empty((0, dimension), dtype=np.float32)

    def stamp(self) -> Hashable:
        return stamp(self.model)

    def read_little(self) -> bool:
        if not self._graph_is_made():
            return False
        [(newest,)] = _asked(f"SELECT coalesce(max(version), 0) FROM {self.table}")
        missing = self._missing(newest - WINDOW, SMALL + 1)
        if len(missing) > SMALL:
            return False
        self._store(missing)
        if len(self._sample) < SAMPLE:
            self._draw()
        return True

    def read_everything(self, progress: bool) -> None:
        _do(f"CREATE TABLE IF NOT EXISTS {self.table} (paper bigint PRIMARY KEY, version bigint, vector {self._type})")
        _do(f"DELETE FROM {self.table} i WHERE NOT EXISTS (SELECT 1 FROM {TABLE} v WHERE v.id = i.version)")
        with tqdm(desc="Indexing vectors", unit="vector", disable=not progress) as bar:
            for rows in self._all_missing():
                self._store(rows)
                bar.update(len(rows))
        if not self._graph_is_made():
            self._make_graph()
        self._draw()

    def near(self, query: Vector, k: int, allowed: Mask | None = None) -> Near:
        """Return the nearest papers, as Engine.near; all are compared where few are allowed or very many are wanted."""
        products = self._sample @ query
        return Near(self._nearest(query, k, allowed), Scale.of(products))

    def _nearest(self, query: Vector, k: int, allowed: Mask | None) -> Ids:
        if allowed is None:
            return self._walk(query, k, max(k, WIDE)) if k <= WIDEST else self._in_full(query, k)
        if k <= WIDEST and allowed.mean() > OFTEN:
            candidates = self._walk(query, WIDEST, WIDEST)
            return candidates[allowed[np.minimum(candidates, len(allowed) - 1)] & (candidates < len(allowed))][:k]
        return self._in_full(query, k, np.flatnonzero(allowed))

    def _walk(self, query: Vector, k: int, width: int) -> Ids:
        _asked("SELECT set_config('hnsw.ef_search', %s, false)", [str(min(width, WIDEST))])
        return _keys(f"SELECT paper FROM {self.table} ORDER BY vector <#> %s::vector LIMIT %s", [_written(query), k])

    def _in_full(self, query: Vector, k: int, among: Ids | None = None) -> Ids:
        """Compare every paper: the graph would stop before it has met enough of them."""
        where = "" if among is None else "WHERE paper = ANY(%s)"
        products = f"SELECT paper, vector <#> %s::vector AS away FROM {self.table} {where}"
        ordered = f"WITH products AS MATERIALIZED ({products}) SELECT paper FROM products ORDER BY away LIMIT %s"
        return _keys(ordered, [_written(query), *([] if among is None else [among.tolist()]), k])

    @property
    def _type(self) -> str:
        return f"vector({self.dimension})"

    def _graph_is_made(self) -> bool:
        ready = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid"
        return bool(_asked(ready, [f"{self.table}_graph"]))

    def _make_graph(self) -> None:
        [(papers,)] = _asked(f"SELECT count(*) FROM {self.table}")
        needed = min(64 + papers * (4 * self.dimension + 500) // 1_000_000, MEMORY)
        with transaction.atomic():
            _asked("SELECT set_config('maintenance_work_mem', %s, true)", [f"{needed}MB"])
            _do(f"CREATE INDEX {self.table}_graph ON {self.table} USING hnsw (vector vector_ip_ops)")
        _do(f"ANALYZE {self.table}")

    def _all_missing(self) -> Iterator[Sequence[Row]]:
        last = 0
        while rows := self._missing(last, CHUNK):
            yield rows
            last = rows[-1][0]

    def _missing(self, after: int, limit: int) -> Sequence[Row]:
        """Return stored vectors that the table lacks, or has an earlier one of, by their keys."""
        join = f"LEFT JOIN {self.table} i ON i.paper = v.paper_id AND i.version = v.id"
        where = "WHERE v.model_id = %s AND v.id > %s AND i.paper IS NULL ORDER BY v.id LIMIT %s"
        return _asked(f"SELECT v.id, v.paper_id, v.vector FROM {TABLE} v {join} {where}", [self.model, after, limit])

    def _store(self, rows: Sequence[Row]) -> None:
        vectors = unpack_rows([bytes(row[2]) for row in rows], self.dimension)
        values = [(row[1], row[0], _written(vector)) for row, vector in zip(rows, vectors, strict=True)]
        insert = f"INSERT INTO {self.table} (paper, version, vector) VALUES (%s, %s, %s)"
        update = "ON CONFLICT (paper) DO UPDATE SET version = excluded.version, vector = excluded.vector"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(f"{insert} {update}", values)

    def _draw(self) -> None:
        """Sample vectors by blocks of the table: the same ones while it stays as it is."""
        [(papers,)] = _asked(f"SELECT count(*) FROM {self.table}")
        share = min(100.0, 100 * SAMPLE / max(papers, 1))
        rows = _asked(f"SELECT vector::real[] FROM {self.table} TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (0)")
        self._sample = np.array([row[0] for row in rows], dtype=np.float32).reshape(-1, self.dimension)


def _written(vector: Vector) -> str:
    """Return a vector as pgvector reads it."""
    return "[" + ",".join(map(str, vector.tolist())) + "]"


def current(model: EmbeddingModel) -> Index:
    """Return the table, with the vectors that the database has now."""
    index = _index(model.pk, model.dimension)
    index.follow()
    return index


def caught_up(model: EmbeddingModel, progress: bool = False) -> Index:
    """Return the same, after waiting until all vectors are in it; tables of deleted models go too."""
    _drop_others()
    index = _index(model.pk, model.dimension)
    index.catch_up(progress)
    return index


def is_behind(model: EmbeddingModel) -> bool:
    """Tell whether vectors are being written into the table just now."""
    return _index(model.pk, model.dimension).is_behind


def forget() -> None:
    """Forget what is known of the table: this process has turned to another database."""
    _index.cache_clear()


@lru_cache(maxsize=1)
def _index(model: int, dimension: int) -> Index:
    return Index(model, dimension)


def _drop_others() -> None:
    wanted = {f"{PREFIX}{key}" for key in EmbeddingModel.objects.values_list("pk", flat=True)}
    there = _asked(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND starts_with(tablename, %s)", [PREFIX]
    )
    for (name,) in there:
        if name not in wanted:
            _do(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)}")


def _do(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _asked(question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def _keys(question: str, values: Sequence[Any]) -> Ids:
    return np.array([row[0] for row in _asked(question, values)], dtype=np.int64)
