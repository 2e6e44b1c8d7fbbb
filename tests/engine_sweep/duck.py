"""Answers queries, one a line of stdin, over a file of values: a line each."""

import sys

import duckdb

connection = duckdb.connect()
connection.execute(
    """create schema staging""",
)
connection.execute(
    """
    create table staging.jobs as
    select id, n, h, w, code, strptime(day, '%Y%m%d')::date as day,
        case flag when '1' then true when '0' then false end as flag
    from read_csv(?, delim = ';', header = true, nullstr = '', quote = '', columns = {
        'id': 'bigint', 'n': 'bigint', 'h': 'decimal(9,2)', 'w': 'decimal(20,6)',
        'code': 'varchar', 'day': 'varchar', 'flag': 'varchar'})
    """,
    [sys.argv[1]],
)
for query in sys.stdin.read().split("\n"):
    row = connection.execute(query).fetchone()
    print(",".join("" if value is None else str(value) for value in row))
