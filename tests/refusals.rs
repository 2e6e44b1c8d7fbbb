//! What would be computed wrong, or otherwise each time, is refused before it
//! is computed: one error with file and line, and a way out.

use crate::tiny_study::{
    CHECK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy, refusal, refusal_of,
};

/// The same for the condition of the published table, which may name a day.
fn refusal_of_condition(condition: &str) -> String {
    refusal(|study| condition_of(study, condition))
}

fn condition_of(study: &TinyStudy, condition: &str) {
    let staged = "    hour_count,\n    cast('2016-02-01' as date) as day,\n    \
                  cast(hour_count as decimal(9, 2)) as hours,\n    hour_count > 8 as is_long\n";
    study.replace(STAGING_FILE, "    hour_count\n", staged);
    study.replace(
        OUT_FILE,
        "hour_count >= $least_hours",
        &format!("{condition}\n    and hour_count >= $least_hours"),
    );
}

#[test]
fn a_measure_is_an_integer_or_a_decimal() {
    let measure = |sql: &str| refusal_of(OUT_FILE, "sum(hour_count)", sql);
    insta::assert_snapshot!(measure("cast(sum(hour_count) as double)"), @"
    error: pipelines/tiny.toml:23:31: out.hours: the column `hour_count` is a double, which is no measure
      hint: a measure is an integer or a decimal of at most 38 digits, for sums of other types are not exact: cast it in the SQL, as `cast(… as decimal(20, 6))`
    ");
    insta::assert_snapshot!(measure("min(sector_code)"), @"
    error: pipelines/tiny.toml:23:31: out.hours: the column `hour_count` is text, which is no measure
      hint: a measure is an integer or a decimal of at most 38 digits, for sums of other types are not exact: cast it in the SQL, as `cast(… as decimal(20, 6))`
    ");
    insta::assert_snapshot!(measure("min(sector_code) = 'A'"), @"
    error: pipelines/tiny.toml:23:31: out.hours: the column `hour_count` is a boolean, which is no measure
      hint: a measure is an integer or a decimal of at most 38 digits, for sums of other types are not exact: cast it in the SQL, as `cast(… as decimal(20, 6))`
    ");
    insta::assert_snapshot!(measure("cast(sum(hour_count) as decimal(50, 2))"), @"
    error: pipelines/tiny.toml:23:31: out.hours: the column `hour_count` is a decimal(50, 2), which is no measure
      hint: a measure is an integer or a decimal of at most 38 digits, for sums of other types are not exact: cast it in the SQL, as `cast(… as decimal(20, 6))`
    ");
}

#[test]
fn a_dimension_is_text_an_integer_a_boolean_or_a_date() {
    let year = |sql: &str| refusal_of(OUT_FILE, "$year as year", sql);
    insta::assert_snapshot!(year("cast($year as double) as year"), @"
    error: pipelines/tiny.toml:22:15: out.hours: the column `year` is a double, which is no dimension
      hint: a dimension is text, an integer, a boolean or a date: cast it in the SQL
    ");
    insta::assert_snapshot!(year("cast($year as decimal(9, 2)) as year"), @"
    error: pipelines/tiny.toml:22:15: out.hours: the column `year` is a decimal(9, 2), which is no dimension
      hint: a dimension is text, an integer, a boolean or a date: cast it in the SQL
    ");
    insta::assert_snapshot!(year("to_timestamp($year) as year"), @"
    error: pipelines/tiny.toml:22:15: out.hours: the column `year` is a time, which is no dimension
      hint: a dimension is text, an integer, a boolean or a date: cast it in the SQL
    ");
    for sql in
        ["$year > 2019 as year", "date '2020-01-01' as year", "cast($year as varchar) as year"]
    {
        let study = TinyStudy::new();
        study.replace(OUT_FILE, "$year as year", sql);
        study.succeed(&["validate"]);
    }
}

#[test]
fn totals_rates_and_families_are_declared_over_what_can_have_them() {
    let measures = "measures   = [\"person_count\", \"hour_count\"]";
    let more = |text: &str| refusal_of(STUDY_FILE, measures, &format!("{measures}\n{text}"));
    insta::assert_snapshot!(more("totals = [\"year\"]"), @"
    error: pipelines/tiny.toml:24:11: out.hours: the dimension `year` is an integer, and only a text can have the code `total`
      hint: cast it in the SQL: `cast(year as varchar)`
    ");
    insta::assert_snapshot!(more("totals = [\"sector_code\", \"sector_code\"]"), @"error: pipelines/tiny.toml:24:26: column `sector_code` stands here twice");
    insta::assert_snapshot!(more("totals = [\"hour_count\"]"), @"error: pipelines/tiny.toml:24:11: `hour_count` is not among the dimensions");
    insta::assert_snapshot!(more("totals = [\"sector_code\"]\ntotal_code = \"\""), @"error: pipelines/tiny.toml:25:14: `publish.hours.total_code`: must have a character at least");
    insta::assert_snapshot!(more("rates = { mean = [\"hours\", \"person_count\"] }"), @"error: pipelines/tiny.toml:24:19: `hours` is not among the measures");
    insta::assert_snapshot!(more("rates = { mean = [\"sector_code\", \"person_count\"] }"), @"error: pipelines/tiny.toml:24:19: `sector_code` is not among the measures");
    insta::assert_snapshot!(more("rates = { mean = [\"hour_count\"] }"), @"error: pipelines/tiny.toml:24:18: `publish.hours.rates.mean`: must be [numerator, denominator]");
    insta::assert_snapshot!(more("rates = { person_count = [\"hour_count\", \"person_count\"] }"), @"error: pipelines/tiny.toml:24:11: column `person_count` stands here twice");
    insta::assert_snapshot!(more("rates = { mean = { of = [\"hour_count\", \"person_count\"], decimals = 19 } }"), @"error: pipelines/tiny.toml:24:68: `publish.hours.rates.mean.decimals`: must be a whole number from 0 to 18");
    insta::assert_snapshot!(more("rates = { mean = { parts = [\"hour_count\", \"person_count\"] } }"), @"error: pipelines/tiny.toml:24:18: `of` is missing in publish.hours.rates.mean");
    let family = |new: &str| refusal_of(STUDY_FILE, "\"register\"", new);
    insta::assert_snapshot!(family("{ column = \"family\" }"), @"error: pipelines/tiny.toml:21:25: `publish.hours.family.column`: `family` is neither a dimension nor an attribute");
    insta::assert_snapshot!(family("{ column = \"year\" }"), @"
    error: pipelines/tiny.toml:22:15: out.hours: the column `year` is an integer, which is no family
      hint: the column of the family holds `register`, `survey` or `public`
    ");
    insta::assert_snapshot!(family("{ colum = \"year\" }"), @"
    error: pipelines/tiny.toml:21:16: unknown key `colum` in publish.hours.family
      hint: did you mean `column`?
    ");
}

#[test]
fn rows_are_told_apart_by_what_is_published() {
    let key = refusal_of(
        STUDY_FILE,
        "dimensions = [\"year\", \"sector_code\"]",
        "dimensions = [\"year\"]\ninside = [\"sector_code\"]",
    );
    insta::assert_snapshot!(key, @"
    error: pipelines/tiny.toml:19:10: out.hours: its key has the column `sector_code`, which is no dimension: two rows could be published as one cell
      hint: make it a dimension, or sum over it
    ");
}

#[test]
fn what_depends_on_the_moment_or_on_chance_is_refused() {
    insta::assert_snapshot!(refusal_of_condition("day < now()"), @"
    error: sql/tiny/out/hours.sql:8:13: `now` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
    insta::assert_snapshot!(refusal_of_condition("day < current_date"), @"
    error: sql/tiny/out/hours.sql:8:13: `current_date` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
    insta::assert_snapshot!(refusal_of_condition("sector_code != cast(current_time as varchar)"), @"
    error: sql/tiny/out/hours.sql:8:27: `current_time` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
    insta::assert_snapshot!(refusal_of_condition("random() < 0.5"), @"
    error: sql/tiny/out/hours.sql:8:7: `random` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
    insta::assert_snapshot!(refusal_of_condition("sector_code != uuid()"), @"
    error: sql/tiny/out/hours.sql:8:22: `uuid` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
    // In a check just so.
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "hour_count > 168", "hour_count > 168 and random() < 2"), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:4:28: `random` gives another value each time
      hint: give what it is to be as a parameter of the study
    ");
}

#[test]
fn sums_and_means_of_doubles_are_refused() {
    let measure =
        |sql: &str| refusal_of(OUT_FILE, "sum(hour_count)", &format!("cast({sql} as bigint)"));
    insta::assert_snapshot!(measure("sum(cast(hour_count as double))"), @"
    error: sql/tiny/out/hours.sql:6:10: `sum` adds up doubles, and their sum depends on the order of the rows
      hint: sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean as a rate of a sum and a count
    ");
    insta::assert_snapshot!(measure("avg(cast(hour_count as real))"), @"
    error: sql/tiny/out/hours.sql:6:10: `avg` adds up doubles, and their sum depends on the order of the rows
      hint: sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean as a rate of a sum and a count
    ");
    insta::assert_snapshot!(measure("avg(hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:10: `avg` adds up doubles, and their sum depends on the order of the rows
      hint: sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean as a rate of a sum and a count
    ");
    insta::assert_snapshot!(measure("stddev(hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:10: `stddev` adds up doubles, and their sum depends on the order of the rows
      hint: sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean as a rate of a sum and a count
    ");
    insta::assert_snapshot!(measure("max(hour_count) + sum(sum(cast(hour_count as double))) over ()"), @"
    error: sql/tiny/out/hours.sql:6:28: `sum` adds up doubles, and their sum depends on the order of the rows
      hint: sum integers or decimals, as `sum(cast(… as decimal(20, 6)))`, and publish a mean as a rate of a sum and a count
    ");
    insta::assert_snapshot!(measure("approx_distinct(hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:10: `approx_distinct` is an estimate, another one with other threads
      hint: use the exact function
    ");
    insta::assert_snapshot!(measure("approx_percentile_cont(0.5) within group (order by hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:10: `approx_percentile_cont` is an estimate, another one with other threads
      hint: use the exact function
    ");
    for sql in [
        "max(cast(hour_count as double))",
        "count(cast(hour_count as double))",
        "median(hour_count)",
    ] {
        let study = TinyStudy::new();
        study.replace(OUT_FILE, "sum(hour_count)", &format!("cast({sql} as bigint)"));
        study.succeed(&["validate"]);
    }
}

#[test]
fn what_goes_by_the_order_of_rows_needs_one() {
    let measure = |sql: &str| refusal_of(OUT_FILE, "sum(hour_count)", sql);
    insta::assert_snapshot!(measure("first_value(hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:5: `first_value` goes by the order of the rows, and none is given
      hint: write `first_value(… order by …)`, with an order that leaves no ties
    ");
    insta::assert_snapshot!(measure("last_value(hour_count)"), @"
    error: sql/tiny/out/hours.sql:6:5: `last_value` goes by the order of the rows, and none is given
      hint: write `last_value(… order by …)`, with an order that leaves no ties
    ");
    insta::assert_snapshot!(measure("length(string_agg(sector_code, ','))"), @"
    error: sql/tiny/out/hours.sql:6:12: `string_agg` goes by the order of the rows, and none is given
      hint: write `string_agg(… order by …)`, with an order that leaves no ties
    ");
    insta::assert_snapshot!(measure("max(hour_count) + row_number() over ()"), @"
    error: sql/tiny/out/hours.sql:6:23: `row_number` goes by an order, and its window has none
      hint: add an `order by` that leaves no ties to its `over (…)`
    ");
    insta::assert_snapshot!(refusal_of(STAGING_FILE, "order by person_id", "limit 10"), @"
    error: sql/tiny/staging/jobs.sql:7:1: takes some rows, and no `order by` says which
      hint: add an `order by` that leaves no ties
    ");
    let distinct = refusal(|study| {
        study.replace(
            STAGING_FILE,
            "select\n    person_id",
            "select distinct on (person_id)\n    person_id",
        );
        study.replace(STAGING_FILE, "order by person_id\n", "");
    });
    insta::assert_snapshot!(distinct, @"
    error: sql/tiny/staging/jobs.sql:2:8: `distinct on` takes some rows, and no `order by` says which
      hint: add an `order by` that leaves no ties
    ");
    let study = TinyStudy::new();
    study.replace(
        OUT_FILE,
        "sum(hour_count)",
        "first_value(hour_count order by hour_count, person_id)",
    );
    study.replace(STAGING_FILE, "order by person_id", "order by person_id limit 10");
    study.succeed(&["validate"]);
}

#[test]
fn values_of_two_kinds_are_not_compared() {
    insta::assert_snapshot!(refusal_of_condition("day >= 20160201"), @"
    error: sql/tiny/out/hours.sql:8:7: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("day between 20160101 and 20161231"), @"
    error: sql/tiny/out/hours.sql:8:7: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("20160201 < day"), @"
    error: sql/tiny/out/hours.sql:8:18: compares a number with a day, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("day in (20160201, 20160202)"), @"
    error: sql/tiny/out/hours.sql:8:7: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("case day when 20160201 then true end"), @"
    error: sql/tiny/out/hours.sql:8:12: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("(day is distinct from 20160201)"), @"
    error: sql/tiny/out/hours.sql:8:8: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("day in (select 20160201 as day)"), @"
    error: sql/tiny/out/hours.sql:8:7: compares a day with a number, which the engine does in its own way
      hint: write a day as `date '2016-02-01'`
    ");
    insta::assert_snapshot!(refusal_of_condition("sector_code > 5"), @"
    error: sql/tiny/out/hours.sql:8:7: compares text with a number, which the engine does in its own way
      hint: cast one side to the type of the other
    ");
    insta::assert_snapshot!(refusal_of_condition("hour_count = '05'"), @"
    error: sql/tiny/out/hours.sql:8:7: compares a number with text, which the engine does in its own way
      hint: cast one side to the type of the other
    ");
    insta::assert_snapshot!(refusal_of_condition("is_long = 1"), @"error: sql/tiny/out/hours.sql:1:1: Cannot infer common argument type for comparison operation Boolean = Int64");
    insta::assert_snapshot!(refusal_of_condition("nullif(sector_code, 5) is null"), @"
    error: sql/tiny/out/hours.sql:8:14: compares text with a number, which the engine does in its own way
      hint: cast one side to the type of the other
    ");
    let joined = refusal_of(
        OUT_FILE,
        "from staging.jobs",
        "from staging.jobs\ninner join (select 20 as code) as other on staging.jobs.sector_code = other.code",
    );
    insta::assert_snapshot!(joined, @"
    error: sql/tiny/out/hours.sql:8:44: compares text with a number, which the engine does in its own way
      hint: cast one side to the type of the other
    ");
    for condition in [
        "day >= date '2016-02-01'",
        "day >= '2016-02-01'",
        "hours >= 8",
        "sector_code in ('A', null)",
    ] {
        let study = TinyStudy::new();
        condition_of(&study, condition);
        study.succeed(&["validate"]);
    }
}

#[test]
fn a_distinct_comparison_that_swallows_the_rest_is_refused() {
    insta::assert_snapshot!(refusal_of_condition("sector_code is not distinct from 'A' and is_long"), @"
    error: sql/tiny/out/hours.sql:8:7: `is [not] distinct from` takes all that stands behind it for its right side
      hint: put it in brackets: `(a is not distinct from b) and …`
    ");
    insta::assert_snapshot!(refusal_of_condition("is_long is distinct from hour_count > 3"), @"
    error: sql/tiny/out/hours.sql:8:7: `is [not] distinct from` takes all that stands behind it for its right side
      hint: put it in brackets: `(a is not distinct from b) and …`
    ");
    insta::assert_snapshot!(refusal_of_condition("is_long is distinct from sector_code is null"), @"
    error: sql/tiny/out/hours.sql:8:7: `is [not] distinct from` takes all that stands behind it for its right side
      hint: put it in brackets: `(a is not distinct from b) and …`
    ");
    for condition in [
        "(sector_code is not distinct from 'A') and is_long",
        "is_long is distinct from (hour_count > 3)",
        "hour_count is distinct from hour_count + 1",
    ] {
        let study = TinyStudy::new();
        condition_of(&study, &format!("({condition})"));
        study.succeed(&["validate"]);
    }
}
