"""The five tables of the study nlswork by pandas, row by row from the CSV.

Written from the study's definitions alone, without its SQL:
a pair is one woman in a calendar year t and the same woman in t + 1; only years
of the survey count; codes are compared where both are known; the employer is
the same if tenure in t + 1 is at least 1.0, exactly as written; a combination
of the three counts where all three are known.

    python3 reference.py nlswork.csv OUT

writes OUT/<table>.csv as honkvast publishes them, sorted as text by code.
"""

import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas

SURVEY_YEARS = [68, 69, 70, 71, 72, 73, 75, 77, 78, 80, 82, 83, 85, 87, 88]
STARTS = [year for year in SURVEY_YEARS if year + 1 in SURVEY_YEARS]


def read(path):
    rows = pandas.read_csv(path, dtype=str, keep_default_na=False)
    rows = rows[["idcode", "year", "ind_code", "occ_code", "tenure"]]
    rows = rows.assign(year=rows["year"].astype(int))
    assert not rows.duplicated(["idcode", "year"]).any()
    return rows


def pairs_of(rows):
    later = {(row.idcode, row.year): row for row in rows.itertuples()}
    pairs = []
    for row in rows[rows["year"].isin(STARTS)].itertuples():
        after = later.get((row.idcode, row.year + 1))
        pair = {"from_year": 1900 + row.year, "is_observed": after is not None}
        if after is not None:
            pair |= {
                "from_industry_code": row.ind_code,
                "to_industry_code": after.ind_code,
                "from_occupation_code": row.occ_code,
                "to_occupation_code": after.occ_code,
                "tenure": after.tenure,
            }
        pairs.append(pair)
    columns = [
        "from_year", "is_observed", "from_industry_code", "to_industry_code",
        "from_occupation_code", "to_occupation_code", "tenure",
    ]
    return pandas.DataFrame(pairs, columns=columns)


def transitions(pairs, subject):
    ends = [f"from_{subject}_code", f"to_{subject}_code"]
    known = pairs[(pairs[ends] != "").all(axis=1)]
    counts = known.value_counts(["from_year", *ends]).rename("person_count")
    return counts.reset_index().sort_values(["from_year", *ends])


def flag(truth):
    return "true" if truth else "false"


def tables_of(pairs):
    seen = pairs[pairs["is_observed"]].copy()
    years = pairs.groupby("from_year")["is_observed"]
    observation = pandas.DataFrame(
        {"base_count": years.size(), "observed_next_count": years.sum()}
    ).reset_index()
    observation["observed_share"] = shares(observation, "observed_next_count", "base_count")
    seen["same"] = [
        None if tenure == "" else Decimal(tenure) >= 1 for tenure in seen["tenure"]
    ]
    # Years in which pairs start stand there even where no employer is known.
    known = seen[seen["same"].notna()]
    employer = pandas.DataFrame({"from_year": sorted(set(pairs["from_year"]))})
    employer["same_employer_count"] = [
        int((known["same"][known["from_year"] == year] == True).sum())  # noqa: E712
        for year in employer["from_year"]
    ]
    employer["known_count"] = [
        int((known["from_year"] == year).sum()) for year in employer["from_year"]
    ]
    employer["stay_share"] = shares(employer, "same_employer_count", "known_count")
    ends = ["from_industry_code", "to_industry_code",
            "from_occupation_code", "to_occupation_code"]
    whole = known[(known[ends] != "").all(axis=1)]
    joint = {}
    for pair in whole.itertuples():
        cell = (
            flag(pair.same),
            flag(pair.from_industry_code == pair.to_industry_code),
            flag(pair.from_occupation_code == pair.to_occupation_code),
        )
        joint[cell] = joint.get(cell, 0) + 1
    joint = pandas.DataFrame(
        [(*cell, count) for cell, count in sorted(joint.items())],
        columns=["same_employer", "same_industry", "same_occupation", "person_count"],
    )
    return {
        "observation": observation,
        "employer_stays": employer,
        "industry_transitions": transitions(seen, "industry"),
        "occupation_transitions": transitions(seen, "occupation"),
        "joint_stays": joint,
    }


def shares(table, part, whole):
    """Exact quotients with six decimals; none out of nothing."""
    return [
        (Decimal(int(above)) / Decimal(int(below))).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        if below
        else None
        for above, below in zip(table[part], table[whole])
    ]


def main():
    source, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables_of(pairs_of(read(source))).items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")


main()
