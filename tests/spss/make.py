"""Writes the SPSS files of this folder with pyreadstat, in each compression,
and what pyreadstat reads from them as values.json.

    python tests/spss/make.py        (pip install pyreadstat)
"""

import datetime
import json
import pathlib

import pandas
import pyreadstat

FOLDER = pathlib.Path(__file__).parent

ROWS = 40


def frame():
    day = datetime.date(2016, 2, 28)
    texts = ["", "é", "Zaanstad", "a b  c", "€ 5", "naïef", "ij", "日本"]
    return pandas.DataFrame(
        {
            "RINPERSOON": [f"{person * 7919:09d}" for person in range(ROWS)],
            "Leeftijd": [float(15 + row) if row % 9 else None for row in range(ROWS)],
            "LOON": [round(row * 1234.56 - 5000, 2) for row in range(ROWS)],
            "gemeente": [float(row * 31 % 1700) for row in range(ROWS)],
            "DAG": [day + datetime.timedelta(days=97 * row) for row in range(ROWS)],
            "MOMENT": [
                datetime.datetime(2018, 10, 1, row % 24, 30) if row % 5 else None
                for row in range(ROWS)
            ],
            "PLAATS": [texts[row % len(texts)] for row in range(ROWS)],
            "LANG": [texts[row % len(texts)] + "x" * (row * 7) for row in range(ROWS)],
            "HEEL_LANG": [("y" * row + "z") * 25 for row in range(ROWS)],
        }
    )


def write(name, **compression):
    pyreadstat.write_sav(
        frame(),
        FOLDER / name,
        file_label="people who are not there",
        column_labels={"Leeftijd": "age in years", "PLAATS": "place of résidence"},
        variable_value_labels={
            "Leeftijd": {17.0: "seventeen", 53.0: "fifty-three"},
            "PLAATS": {"ij": "a letter", "é": "another"},
        },
        missing_ranges={
            "Leeftijd": [{"lo": 50.0, "hi": 60.0}, 20.0],
            "PLAATS": ["ij"],
            "LANG": ["€ 5"],
        },
        variable_format={"gemeente": "N4", "LOON": "F10.2"},
        **compression,
    )


def values(name):
    data, meta = pyreadstat.read_sav(
        FOLDER / name, user_missing=True, disable_datetime_conversion=True
    )
    columns = {
        column: [None if pandas.isna(value) else value for value in data[column]]
        for column in data.columns
    }
    missing = {
        name: [[entry["lo"], entry["hi"]] for entry in entries]
        for name, entries in meta.missing_ranges.items()
    }
    return {
        "columns": columns,
        "formats": meta.original_variable_types,
        "encoding": meta.file_encoding,
        "label": meta.file_label,
        "column_labels": meta.column_names_to_labels,
        "value_labels": {
            name: {str(code): label for code, label in labels.items()}
            for name, labels in meta.variable_value_labels.items()
        },
        "user_missing": missing,
    }


write("plain.sav")
write("packed.sav", row_compress=True)
write("blocks.zsav", compress=True)
seen = [values(name) for name in ["plain.sav", "packed.sav", "blocks.zsav"]]
assert seen[0] == seen[1] == seen[2]
text = json.dumps(seen[0], ensure_ascii=False, indent=1)
(FOLDER / "values.json").write_text(text + "\n")
