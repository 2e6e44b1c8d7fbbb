//! Random values and random queries over them. A query is written twice where
//! the two engines mean other things by one word: DataFusion cuts a decimal that
//! is cast to an integer, DuckDB rounds it.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// One question in the words of both.
pub(super) struct Query {
    pub(super) ours: String,
    pub(super) theirs: String,
}

/// A part of a query in the words of both.
#[derive(Clone)]
struct Both(String, String);

impl Both {
    fn same(text: impl Into<String>) -> Both {
        let text = text.into();
        Both(text.clone(), text)
    }

    /// Puts parts into the places `{0}`, `{1}` … of a pattern.
    fn of(pattern: &str, parts: &[Both]) -> Both {
        let mut both = Both::same(pattern);
        for (place, part) in parts.iter().enumerate() {
            let place = format!("{{{place}}}");
            both = Both(both.0.replace(&place, &part.0), both.1.replace(&place, &part.1));
        }
        both
    }
}

/// A number smaller than `bound`.
fn below(random: &mut Pcg64Mcg, bound: usize) -> usize {
    usize::try_from(random.next_u64() % bound as u64).unwrap()
}

fn one<'a>(random: &mut Pcg64Mcg, choices: &[&'a str]) -> &'a str {
    choices[below(random, choices.len())]
}

/// A raw file of so many records: values near the edges of casts, and nulls.
pub(super) fn data(random: &mut Pcg64Mcg, records: usize) -> String {
    let mut text = "id;n;h;w;code;day;flag\n".to_owned();
    for id in 0..records {
        let fields = [
            one(random, &["", "-1", "0", "5", "39", "40", "41", "127", "128", "40000", "99999"]),
            one(
                random,
                &["", "39.49", "39.50", "39.99", "40.00", "40.25", "40.50", "-0.50", "0.00"],
            ),
            one(
                random,
                &["", "0.999999", "1.000000", "1.005000", "1.004999", "40.000001", "-39.999999"],
            ),
            one(random, &["", "01", "1", "A", "a", "AB", "é", "B "]),
            one(random, &["", "20160131", "20160201", "20160229", "20161231", "20170101"]),
            one(random, &["", "0", "1"]),
        ];
        text.push_str(&format!("{id};{}\n", fields.join(";")));
    }
    text
}

/// A query with one row: a count and a sum.
pub(super) fn query(random: &mut Pcg64Mcg) -> Query {
    let condition = condition(random, 3);
    let Both(ours, theirs) = match below(random, 6) {
        0 => Both::of(
            "select count(*) as n, cast(sum(size) as bigint) as s from (select code, \
             count(*) * count(distinct n) as size from staging.jobs where {0} group by code) as g",
            &[condition],
        ),
        1 => Both::of(
            "select count(*) as n, cast(sum(a.id) as bigint) as s from staging.jobs as a \
             left join (select * from staging.jobs where {0}) as b on a.id = b.id + 1 \
             where b.id is null",
            &[condition],
        ),
        2 => Both::of(
            "select count(*) as n, cast(sum(id) as bigint) as s from staging.jobs \
             where n not in (select n from staging.jobs where n is not null and {0})",
            &[condition],
        ),
        3 => Both::of(
            "select count(case when {0} then 1 end) as n, cast(sum(case when {0} then id \
             else -id end) as bigint) as s from staging.jobs",
            &[condition],
        ),
        _ => Both::of(
            "select count(*) as n, cast(sum(id) as bigint) as s from staging.jobs where {0}",
            &[condition],
        ),
    };
    Query { ours, theirs }
}

fn condition(random: &mut Pcg64Mcg, depth: usize) -> Both {
    if depth == 0 {
        return comparison(random);
    }
    match below(random, 8) {
        0 => two(random, depth, "({0} and {1})"),
        1 => two(random, depth, "({0} or {1})"),
        2 => Both::of("(not {0})", &[condition(random, depth - 1)]),
        3 => two(random, depth, "(case when {0} then {1} else flag end)"),
        4 => Both::of("({0} is not true)", &[condition(random, depth - 1)]),
        _ => comparison(random),
    }
}

fn two(random: &mut Pcg64Mcg, depth: usize, pattern: &str) -> Both {
    let parts = [condition(random, depth - 1), condition(random, depth - 1)];
    Both::of(pattern, &parts)
}

fn comparison(random: &mut Pcg64Mcg) -> Both {
    let (value, literals): (Both, &[&str]) = match below(random, 4) {
        0 => {
            (number(random), &["0", "5", "39", "40", "41", "40.5", "39.994", "1.0", "1.005", "-40"])
        }
        1 => (text(random), &["'01'", "'1'", "'A'", "'a'", "'AB'", "'Ax'", "'é'"]),
        2 => (
            day(random),
            &["date '2016-02-01'", "date '2016-01-31'", "date '2016-12-31'", "'2016-02-29'"],
        ),
        _ => (Both::same("flag"), &["true", "false"]),
    };
    let mut literal = || Both::same(one(random, literals));
    let (first, second) = (literal(), literal());
    let pattern = one(
        random,
        &[
            "{0} = {1}",
            "{0} != {1}",
            "{0} < {1}",
            "{0} <= {1}",
            "{0} > {1}",
            "{0} >= {1}",
            "{1} = {0}",
            "{1} <= {0}",
            "{0} is null",
            "{0} between {1} and {2}",
            "{0} not between {1} and {2}",
            "{0} in ({1}, {2})",
            "{0} not in ({1}, {2})",
            "{0} in ({1}, null)",
            "({0} is distinct from {1})",
            "({0} is not distinct from {1})",
            "coalesce({0}, {1}) = {2}",
            "nullif({0}, {1}) = {2}",
        ],
    );
    Both::of(&format!("({pattern})"), &[value, first, second])
}

fn number(random: &mut Pcg64Mcg) -> Both {
    let cut = |column: &str, kind: &str| {
        Both(format!("cast({column} as {kind})"), format!("cast(trunc({column}) as {kind})"))
    };
    match below(random, 16) {
        0 => cut("h", "integer"),
        1 => cut("w", "bigint"),
        2 => cut("h", "bigint"),
        3 => cut("w", "integer"),
        4 => Both::same("cast(h as decimal(9, 1))"),
        5 => Both::same("cast(w as decimal(20, 2))"),
        6 => Both::same("cast(w as decimal(12, 0))"),
        7 => Both::same("cast(n as integer)"),
        8 => Both::same("cast(cast(w as decimal(20, 3)) as decimal(20, 1))"),
        9 => Both::same("(h + n)"),
        10 => Both::same("(w - h)"),
        11 => Both::same("(n % 7)"),
        12 => Both::same("(h * 2)"),
        13 => Both::same("n"),
        14 => Both::same("h"),
        _ => Both::same("w"),
    }
}

fn text(random: &mut Pcg64Mcg) -> Both {
    let texts =
        ["code", "upper(code)", "substr(code, 1, 1)", "(code || 'x')", "trim(code)", "code"];
    Both::same(one(random, &texts))
}

fn day(random: &mut Pcg64Mcg) -> Both {
    let days = ["day", "coalesce(day, date '2016-02-01')", "day"];
    Both::same(one(random, &days))
}
