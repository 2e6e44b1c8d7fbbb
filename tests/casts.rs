//! A cast in a comparison counts as it stands: the engine's own rewriting, which
//! takes it off the column, is kept from it.

use crate::tiny_study::{CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy};

/// Hours `h` and shares `x`, as they are written.
const VALUES: [(&str, &str); 7] = [
    ("39.49", "0.99999994"),
    ("39.50", "0.99999949"),
    ("39.99", "1.00000000"),
    ("40.00", "1.00000049"),
    ("40.25", "1.00000050"),
    ("41.00", "0.50000000"),
    ("", ""),
];

fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.remove(CHECK_FILE);
    study.replace(STUDY_FILE, "[parameters]\nleast_hours = 1\n", "");
    study.write(
        CODEBOOK_FILE,
        "title = \"x\"\nformat = { kind = \"delimited\", delimiter = \";\" }\ncolumns = [\n\
         { name = \"person_id\", type = \"integer\" },\n\
         { name = \"h\", type = \"decimal(9,2)\" },\n\
         { name = \"x\", type = \"decimal(12,8)\" },\n]\n",
    );
    study.write(STAGING_FILE, "select person_id, h, x from raw.jobs\n");
    let rows = VALUES.iter().enumerate();
    let rows: String = rows.map(|(id, (h, x))| format!("{id};{h};{x}\n")).collect();
    for year in [2020, 2021] {
        study.write(&format!("raw/jobs{year}V1.csv"), format!("person_id;h;x\n{rows}"));
    }
    study
}

/// What a study publishes that counts the rows of a condition, in four ways: in
/// `where`, behind a name, in a sum, and in a join.
fn counts(condition: &str) -> Vec<String> {
    let study = study();
    study.write(
        OUT_FILE,
        format!(
            "with named as (
    select person_id, {condition} as is_it from staging.jobs
),

filtered as (select count(*) as n from staging.jobs where {condition}),
behind_a_name as (select count(*) as n from named where is_it),
summed as (select sum(case when {condition} then 1 else 0 end) as n from staging.jobs),
joined as (
    select count(*) as n
    from staging.jobs
    inner join (select 1 as one) as other on {condition}
),

hours as (
    select 'all' as sector_code, filtered.n as person_count,
        behind_a_name.n * 100 + summed.n * 10 + joined.n as hour_count
    from filtered cross join behind_a_name cross join summed cross join joined
)

select $year as year, sector_code, person_count, hour_count from hours
"
        ),
    );
    study.succeed(&["run"]);
    let csv = std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap();
    let row = csv.lines().nth(1).unwrap();
    row.split(',').skip(2).map(str::to_owned).collect()
}

#[test]
fn a_cast_to_an_integer_counts_in_every_comparison() {
    // Cut, the hours are 39, 39, 39, 40, 40, 41.
    let cases = [
        ("cast(h as integer) = 40", 2),
        ("40 = cast(h as integer)", 2),
        ("cast(h as integer) > 39", 3),
        ("cast(h as integer) > 40", 1),
        ("cast(h as integer) <= 40", 5),
        ("cast(h as integer) < 40", 3),
        ("cast(h as integer) >= 40", 3),
        ("cast(h as integer) != 40", 4),
        ("cast(h as integer) in (40, 41)", 3),
        ("cast(h as integer) not in (40, 41)", 3),
        ("cast(h as integer) between 39 and 40", 5),
        ("cast(h as bigint) = 39", 3),
        ("try_cast(h as integer) = 40", 2),
        ("(cast(h as integer) is not distinct from 40)", 2),
        ("case cast(h as integer) when 40 then true end", 2),
    ];
    for (condition, count) in cases {
        let all = [count, count * 111].map(|count: i64| count.to_string());
        assert_eq!(counts(condition), all, "{condition}");
    }
}

#[test]
fn a_cast_to_fewer_places_counts_in_every_comparison() {
    // Rounded, the shares are 1.000000, 0.999999, 1.000000, 1.000000, 1.000001, 0.5.
    let cases = [
        ("cast(x as decimal(9, 6)) >= 1.0", 4),
        ("cast(x as decimal(9, 6)) = 1.0", 3),
        ("cast(x as decimal(9, 6)) < 1", 2),
        ("cast(x as decimal(9, 6)) in (1.0, 0.999999)", 4),
        ("cast(x as decimal(4, 0)) = 1", 6),
    ];
    for (condition, count) in cases {
        let all = [count, count * 111].map(|count: i64| count.to_string());
        assert_eq!(counts(condition), all, "{condition}");
    }
}
