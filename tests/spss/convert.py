"""Writes the delimited raw files of a study as SPSS files, by its codebooks.

    python convert.py STUDY.toml RAW OUT     (pip install pyreadstat)

Text is written as text, numbers as numbers, days as days of SPSS; a column that
has a value of another kind (a code for "missing") is written as text. Files take
turns in how they are compressed.
"""

import csv
import datetime
import pathlib
import re
import sys
import tomllib

import pandas
import pyreadstat

FORMS = [
    (".sav", {}),
    (".sav", {"row_compress": True}),
    (".zsav", {"compress": True}),
]


def pattern(source):
    text = re.escape(source["files"]).replace(r"\*", "[^/]*")
    text = text.replace(r"\{year\}", "(?P<year>[0-9]{4})", 1).replace(r"\{year\}", "(?P=year)")
    return re.compile(text.replace(r"\{version\}", "[0-9]+") + "$", re.IGNORECASE)


def kinds(codebook):
    """Types of columns by every name that a file may give them."""
    found = {}
    for column in codebook["columns"]:
        headers = column.get("header", column["name"])
        headers = headers.values() if isinstance(headers, dict) else [headers]
        for header in headers:
            name = re.escape(header.lower()).replace(r"\{year\}", "[0-9]{4}")
            found[name] = column["type"]
    return found


def number(text, mark):
    return float(text.replace(mark, ".")) if text.strip() else None


def day(text):
    return datetime.datetime.strptime(text, "%Y%m%d").date() if text.strip() else None


def converted(name, values, kind, mark):
    readers = [lambda text: number(text, mark)]
    if kind == "text" or kind == "boolean":
        readers = []
    if kind == "date":
        readers = [day, lambda text: number(text, mark)]
    for read in readers:
        try:
            return [read(text) for text in values]
        except ValueError:
            continue
    return values


def convert(codebook, path, out, form):
    layout = codebook["format"]
    with open(path, newline="", encoding=layout.get("encoding", "utf-8-sig")) as file:
        rows = list(csv.reader(file, delimiter=layout["delimiter"]))
    header, rows = rows[0], rows[1:]
    columns = list(zip(*rows)) if rows else [[] for _ in header]
    types = kinds(codebook)
    data, formats = {}, {}
    for name, values in zip(header, columns):
        found = [kind for key, kind in types.items() if re.fullmatch(key, name.lower())]
        kind = found[0] if found else "text"
        cells = converted(name, list(values), kind, layout.get("decimal", "."))
        data[name] = pandas.Series(cells, dtype=object if kind == "date" else None)
        if cells and isinstance(next((c for c in cells if c is not None), ""), float):
            data[name] = pandas.Series(cells, dtype="float64")
            formats[name] = "F16.4"
    suffix, compression = FORMS[form % len(FORMS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    target = out.with_name(out.name.split(".")[0] + suffix)
    pyreadstat.write_sav(pandas.DataFrame(data), target, variable_format=formats, **compression)


def main(study, raw, out):
    definition = tomllib.loads(study.read_text())
    count = 0
    for source in definition["sources"].values():
        codebook = tomllib.loads((study.parent / source["codebook"]).read_text())
        wanted = pattern(source)
        for path in sorted(raw.rglob("*.csv")):
            name = path.relative_to(raw).as_posix()
            if wanted.match(name):
                convert(codebook, path, out / name, count)
                count += 1
    print(count)


main(*map(pathlib.Path, sys.argv[1:4]))
