//! Every kind of mistake in a definition is one error that names file and line,
//! before anything runs.

use crate::raw_form::{Form, Packing};
use crate::tiny_study::{
    CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STUDY_FILE, TinyStudy, refusal, refusal_of,
};
use crate::workplace::Workplace;

#[test]
fn a_definition_without_mistakes_is_valid_without_any_raw_file() {
    let said = TinyStudy::new().succeed(&["validate"]);
    insta::assert_snapshot!(said, @"tiny: 1 sources, 0 code lists, 2 models, 1 checks, 1 published tables; no mistake found");
}

#[test]
fn a_mistake_stops_a_run_before_it_touches_anything() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(OUT_FILE, "sector_code,\n    count", "sector,\n    count");
    assert_eq!(study.fail(2, &["run"]), study.fail(2, &["validate"]));
    assert!(!study.place.path("lake").exists() && !study.place.path("release").exists());
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "disclosure =", "disclosures ="), @"
    error: pipelines/tiny.toml:4:1: unknown key `disclosures`
      hint: did you mean `disclosure`?
    ");
    let renamed = refusal_of(STUDY_FILE, "title      = \"Hours", "titel = \"\"\ntitle = \"Hours");
    insta::assert_snapshot!(renamed, @"
    error: pipelines/tiny.toml:2:1: unknown key `titel`
      hint: did you mean `title`?
    ");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "measures   = [", "measure = ["), @"
    error: pipelines/tiny.toml:23:1: unknown key `measure` in publish.hours
      hint: did you mean `measures`?
    ");
    let in_table = refusal_of(STUDY_FILE, "family ", "familie = \"x\"\nfamily ");
    insta::assert_snapshot!(in_table, @"
    error: pipelines/tiny.toml:21:1: unknown key `familie` in publish.hours
      hint: did you mean `family`?
    ");
    let in_codebook = refusal_of(CODEBOOK_FILE, "mandatory = true", "mandatry = true");
    insta::assert_snapshot!(in_codebook, @"
    error: pipelines/codebooks/jobs.toml:8:1: unknown key `mandatry` in columns
      hint: did you mean `mandatory`?
    ");
    let in_format =
        refusal_of(CODEBOOK_FILE, "delimiter = \";\"", "delimiter = \";\", qoute = \"\"");
    insta::assert_snapshot!(in_format, @"
    error: pipelines/codebooks/jobs.toml:2:49: unknown key `qoute` in format
      hint: did you mean `quote`?
    ");
    let in_model =
        refusal_of(STUDY_FILE, "key = [\"person_id\"]", "key = [\"person_id\"]\nslice = 1");
    insta::assert_snapshot!(in_model, @"
    error: pipelines/tiny.toml:15:1: unknown key `slice` in models.staging.jobs
      hint: did you mean `slices`?
    ");
}

#[test]
fn a_study_that_does_not_exist_is_refused_with_the_nearest_name() {
    let place = Workplace::new();
    insta::assert_snapshot!(place.fail(2, &["-p", "techniec", "validate"]), @"
    error: there is no study `techniec`
      hint: did you mean `techniek`?
    ");
    insta::assert_snapshot!(place.fail(2, &["-p", "zzz", "validate"]), @"
    error: there is no study `zzz`
      hint: studies shipped: nlswork, techniek; or give a path
    ");
    insta::assert_snapshot!(place.fail(2, &["-p", "pipelines/none.toml", "validate"]), @"error: there is no file pipelines/none.toml");
    insta::assert_snapshot!(place.fail(2, &["-p", "No Study", "validate"]), @"error: `No Study` is neither a study's name nor a path to a .toml file");
}

#[test]
fn a_study_is_named_as_its_file() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"tiny\"", "\"small\""), @"error: pipelines/tiny.toml:1:14: `name`: must be `tiny`, as its file is named");
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "least_hours = 1", "least_hours = = 1"), @"error: pipelines/tiny.toml:7:15: not valid TOML: extra `=`, expected nothing");
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"integer\"", "\"integer"), @r#"error: pipelines/codebooks/jobs.toml:18:16: not valid TOML: invalid basic string, expected `"`"#);
    let twice = refusal_of(STUDY_FILE, "least_hours = 1", "least_hours = 1\nleast_hours = 2");
    insta::assert_snapshot!(twice, @"error: pipelines/tiny.toml:8:1: not valid TOML: duplicate key");
    let latin = refusal(|study| study.write(STUDY_FILE, b"name = \"tiny\"\ntitle = \"caf\xe9\"\n"));
    insta::assert_snapshot!(latin, @"error: pipelines/tiny.toml:2:13: is not UTF-8");
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"Hours by sector\"", "3"), @"error: pipelines/tiny.toml:2:14: `title`: must be a string, is integer");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"synthetic\"", "\"secret\""), @r#"error: pipelines/tiny.toml:4:14: `disclosure`: must be "public", "synthetic" or "protected""#);
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"register\"", "\"registry\""), @r#"error: pipelines/tiny.toml:21:14: `publish.hours.family`: must be "register", "survey" or "public", or { column = … } that says it by row"#);
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "least_hours = 1", "least_hours = [1]"), @"error: pipelines/tiny.toml:7:15: `parameters.least_hours`: must be a number, a text, a day, true or false");
}

#[test]
fn years_that_make_no_range_are_refused() {
    let years = |new| refusal_of(STUDY_FILE, "\"2020..2021\"", new);
    insta::assert_snapshot!(years("\"2021..2020\""), @"error: pipelines/tiny.toml:3:14: `years`: the range 2021..2020 ends before it begins");
    insta::assert_snapshot!(years("\"20..21\""), @"error: pipelines/tiny.toml:3:14: `years`: `20` is not a year of four digits");
    insta::assert_snapshot!(years("\"..2021\""), @r#"error: pipelines/tiny.toml:3:14: `years`: needs a first year, as "2016..""#);
    insta::assert_snapshot!(years("[]"), @"error: pipelines/tiny.toml:3:14: `years`: names no year");
    insta::assert_snapshot!(years("[2020, 21]"), @"error: pipelines/tiny.toml:3:21: `years`: must be a year of four digits");
}

#[test]
fn files_that_the_study_names_must_be_there() {
    insta::assert_snapshot!(refusal(|study| study.remove(CODEBOOK_FILE)), @"error: pipelines/tiny.toml:10:12: `sources.jobs.codebook`: there is no file pipelines/codebooks/jobs.toml");
    let list = "[codelists]\nsectors = \"codelists/sectors.csv\"\n\n[models.\"staging";
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "[models.\"staging", list), @"error: pipelines/tiny.toml:14:11: `codelists.sectors`: there is no file pipelines/codelists/sectors.csv");
    insta::assert_snapshot!(refusal(|study| study.remove(OUT_FILE)), @"error: pipelines/tiny.toml:16:9: no SQL file makes the table `out.hours`");
    let unmade = refusal_of(STUDY_FILE, "[publish.hours]", "[publish.wages]");
    insta::assert_snapshot!(unmade, @"error: pipelines/tiny.toml:19:10: no SQL file makes the table `out.wages`");
}

/// The study with its tables to publish in a file of their own, and that file.
fn published_apart(study: &TinyStudy) -> &'static str {
    let path = study.place.path(STUDY_FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    let (rest, tables) = text.split_at(text.find("[publish.").unwrap());
    let named = "disclosure = \"synthetic\"\npublish    = \"published/tiny.toml\"";
    std::fs::write(&path, rest.replace("disclosure = \"synthetic\"", named)).unwrap();
    std::fs::create_dir(study.place.path("pipelines/published")).unwrap();
    study.write("pipelines/published/tiny.toml", tables);
    "pipelines/published/tiny.toml"
}

#[test]
fn tables_to_publish_may_stand_in_a_file_of_their_own() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    published_apart(&study);
    let said = study.succeed(&["run"]);
    assert!(said.starts_with("nothing to do"), "{said}");
    let mistake =
        |old: &str, new: &str| refusal(|study| study.replace(published_apart(study), old, new));
    insta::assert_snapshot!(mistake("[publish.hours]", "[publish.wages]"), @"error: pipelines/published/tiny.toml:1:10: no SQL file makes the table `out.wages`");
    insta::assert_snapshot!(mistake("\"register\"", "\"registry\""), @r#"error: pipelines/published/tiny.toml:3:14: `publish.hours.family`: must be "register", "survey" or "public", or { column = … } that says it by row"#);
    insta::assert_snapshot!(mistake("[publish.hours]", "[published.hours]"), @"
    error: pipelines/published/tiny.toml:1:2: unknown key `published`
      hint: did you mean `publish`?
    ");
    insta::assert_snapshot!(mistake("[publish.hours]", "title = \"\"\n[publish.hours]"), @"
    error: pipelines/published/tiny.toml:1:1: unknown key `title`
      hint: known keys: publish
    ");
    insta::assert_snapshot!(refusal(|study| study.remove(published_apart(study))), @"error: pipelines/tiny.toml:5:14: `publish`: there is no file pipelines/published/tiny.toml");
}

#[test]
fn a_file_pattern_must_be_one() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "jobs{year}V", "jobs{jaar}V"), @"error: pipelines/tiny.toml:11:12: `sources.jobs.files`: only `{year}`, `{part}` and `{version}` may stand in braces");
}

#[test]
fn a_codebook_describes_types_and_columns_once() {
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"integer\"", "\"number\""), @"error: pipelines/codebooks/jobs.toml:18:8: `columns.type`: must be text, integer, decimal(precision,scale), date or boolean");
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"integer\"", "\"decimal(2,5)\""), @"error: pipelines/codebooks/jobs.toml:18:8: `columns.type`: must be text, integer, decimal(precision,scale), date or boolean");
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"sector_code\"", "\"person_id\""), @"error: pipelines/codebooks/jobs.toml:10:1: `columns`: column `person_id` stands here twice");
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"sector_code\"", "\"Sector\""), @"error: pipelines/codebooks/jobs.toml:11:8: `columns.name`: must be lower-case letters, digits and underscores");
    let limit = refusal_of(
        CODEBOOK_FILE,
        "[[columns]]\nname = \"person_id\"",
        "reject_limit = 5\n[[columns]]\nname = \"person_id\"",
    );
    insta::assert_snapshot!(limit, @"error: pipelines/codebooks/jobs.toml:4:16: `reject_limit`: must be a share between 0 and 1");
    let vintages = refusal_of(CODEBOOK_FILE, "\"HOURS\"", "{ \"2020-2021\" = \"HOURS\" }");
    insta::assert_snapshot!(vintages, @"error: pipelines/codebooks/jobs.toml:17:12: `2020-2021` is not a year of four digits");
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\"delimited\"", "\"xlsx\""), @r#"error: pipelines/codebooks/jobs.toml:2:19: `format.kind`: must be "delimited", "fixed" or "spss""#);
    insta::assert_snapshot!(refusal_of(CODEBOOK_FILE, "\";\"", "\";;\""), @r#"error: pipelines/codebooks/jobs.toml:2:44: `format.delimiter`: must be one ASCII character (a tab is "\t")"#);
}

#[test]
fn a_setting_of_a_column_that_would_say_nothing_is_refused() {
    let of = |kind: &str, more: &str| {
        refusal_of(CODEBOOK_FILE, "type = \"integer\"", &format!("type = \"{kind}\"\n{more}"))
    };
    for kind in ["text", "date", "boolean"] {
        let said = of(kind, "surplus_decimals = \"round\"");
        let wanted = "`columns.surplus_decimals`: is for integers and decimals; the column has";
        assert!(said.contains(wanted), "{said}");
    }
    for kind in ["integer", "date", "boolean", "decimal(5,2)"] {
        let said = of(kind, "trim = false");
        assert!(said.contains("`columns.trim`: is for text; blanks around other values"), "{said}");
    }
    for kind in ["integer", "text", "boolean"] {
        let said = of(kind, "format = \"%Y-%m-%d\"");
        assert!(said.contains("`columns.format`: is for dates; the column has another"), "{said}");
    }
    for format in ["%y-%m-%d", "%Y-%m", "%H", "%Y-%m-%dT%H:%M", "day", "", "%Q", "%Y%m%d%d%"] {
        let said = of("date", &format!("format = \"{format}\""));
        assert!(said.contains("`columns.format`: must say year with century, month"), "{said}");
    }
    let fixed = refusal_of_fixed("position = \"1-9\"", "position = \"1-9\"\ntrim = false");
    assert!(fixed.contains("`columns.trim`: is for delimited text, not for fixed"), "{fixed}");
}

/// What `validate` says of a codebook of fixed width text once a text in it is
/// replaced.
fn refusal_of_fixed(old: &str, new: &str) -> String {
    refusal(|study| {
        Form { is_fixed: true, packing: Packing::Plain }.write_codebook(study, "utf-8");
        study.replace(CODEBOOK_FILE, old, new);
    })
}

#[test]
fn a_codebook_of_fixed_width_text_has_positions_within_its_width() {
    let of = refusal_of_fixed;
    insta::assert_snapshot!(of("position = \"1-9\"\n", ""), @"error: pipelines/codebooks/jobs.toml:4:1: `position` is missing in columns");
    insta::assert_snapshot!(of("position = \"1-9\"", "header = \"PERSON\""), @"error: pipelines/codebooks/jobs.toml:6:10: `columns.header`: the files have no column names; give a `position`");
    insta::assert_snapshot!(of("position = \"1-9\"", "position = \"1-9\"\nheader = \"PERSON\""), @"error: pipelines/codebooks/jobs.toml:7:10: `columns.header`: the files have no column names; give a `position`");
    for wrong in ["0-9", "9-1", "1..9", "", "1-", "-9", "+1-9", "1-9-11", "a", "4294967296"] {
        let said = of("position = \"1-9\"", &format!("position = \"{wrong}\""));
        let wanted = "jobs.toml:6:12: `columns.position`: must be characters counted from one";
        assert!(said.contains(wanted), "{wrong}: {said}");
    }
    insta::assert_snapshot!(of("34-41", "34-42"), @"error: pipelines/codebooks/jobs.toml:22:12: `columns.position`: ends behind the 41 characters of a record");
    insta::assert_snapshot!(of("34-41", "42"), @"error: pipelines/codebooks/jobs.toml:22:12: `columns.position`: ends behind the 41 characters of a record");
    insta::assert_snapshot!(of("\"34-41\"", "{ \"..2019\" = \"34-41\", \"2020..\" = \"41-48\" }"), @"error: pipelines/codebooks/jobs.toml:22:12: `columns.position`: ends behind the 41 characters of a record of 2020");
    insta::assert_snapshot!(of("width = 41", "width = { \"..2020\" = 41, \"2021..\" = 40 }"), @"error: pipelines/codebooks/jobs.toml:22:12: `columns.position`: ends behind the 40 characters of a record of 2021");
    insta::assert_snapshot!(of("width = 41", "width = 0"), @"error: pipelines/codebooks/jobs.toml:2:36: `format.width`: must be a whole number of at least 1");
    insta::assert_snapshot!(of("width = 41, ", ""), @"error: pipelines/codebooks/jobs.toml:2:10: `width` is missing in format");
    insta::assert_snapshot!(of("width = 41", "width = 41, delimiter = \";\""), @"
    error: pipelines/codebooks/jobs.toml:2:40: unknown key `delimiter` in format
      hint: known keys: decimal, encoding, kind, last_line_end, ragged, skip_lines, width
    ");
    insta::assert_snapshot!(of("width = 41", "width = 41, skip_lines = -1"), @"error: pipelines/codebooks/jobs.toml:2:53: `format.skip_lines`: must be a whole number of at least 0");
    insta::assert_snapshot!(of("utf-8", "latin1"), @r#"error: pipelines/codebooks/jobs.toml:2:51: `format.encoding`: must be "utf-8", "windows-1252" or "latin-1""#);
    insta::assert_snapshot!(of("\n\n[[columns]]\nname = \"person_id\"", "\nstrict = true\n[[columns]]\nname = \"person_id\""), @"error: pipelines/codebooks/jobs.toml:3:10: `strict`: the files have no column names to be strict about");
    // What belongs to other years, or to nobody, is no mistake.
    let study = TinyStudy::new();
    Form { is_fixed: true, packing: Packing::Plain }.write_codebook(&study, "latin-1");
    study.replace(
        CODEBOOK_FILE,
        "width = 41",
        "width = { \"..2020\" = 41, \"2021..\" = 60 }, ragged = true",
    );
    study.replace(CODEBOOK_FILE, "\"34-41\"", "{ \"..2020\" = \"34-41\", \"2022..\" = \"53-60\" }");
    study.replace(CODEBOOK_FILE, "\"10-13\"", "\"9\"");
    study.succeed(&["validate"]);
}

#[test]
fn positions_and_implied_decimals_are_for_fixed_width_text_and_decimals() {
    let of = |new| refusal_of(CODEBOOK_FILE, "type = \"integer\"", new);
    insta::assert_snapshot!(of("type = \"integer\"\nposition = \"1-3\""), @"
    error: pipelines/codebooks/jobs.toml:19:12: `columns.position`: is for files that do not name their columns
      hint: columns are found by their `header`; where text has no header line, `format` says so
    ");
    insta::assert_snapshot!(of("type = \"decimal(5,2)\"\nimplied_decimals = 2"), @"error: pipelines/codebooks/jobs.toml:19:20: `columns.implied_decimals`: is for fixed width text, not for delimited");
    let of = |new| refusal_of_fixed("type = \"integer\"", new);
    insta::assert_snapshot!(of("type = \"integer\"\nimplied_decimals = 2"), @"error: pipelines/codebooks/jobs.toml:19:20: `columns.implied_decimals`: is for decimals; the column has another type");
    insta::assert_snapshot!(of("type = \"decimal(5,2)\"\nimplied_decimals = 0"), @"error: pipelines/codebooks/jobs.toml:19:20: `columns.implied_decimals`: must be a whole number from 1 to 38");
    insta::assert_snapshot!(of("type = \"decimal(5,2)\"\nimplied_decimals = 39"), @"error: pipelines/codebooks/jobs.toml:19:20: `columns.implied_decimals`: must be a whole number from 1 to 38");
}

#[test]
fn parameters_are_used_and_bound() {
    let unused = refusal_of(STUDY_FILE, "least_hours = 1", "least_hours = 1\nmost_hours = 60");
    insta::assert_snapshot!(unused, @"
    error: pipelines/tiny.toml:8:1: no SQL uses the parameter `most_hours`
      hint: remove it, or write it in SQL as $name
    ");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "$least_hours", "$least_hour"), @"
    error: sql/tiny/out/hours.sql:8:21: the parameter `$least_hour` is not defined
      hint: did you mean `$least_hours`?
    ");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "$least_hours", "$least_hours + $tax"), @"
    error: sql/tiny/out/hours.sql:8:36: the parameter `$tax` is not defined
      hint: name it under [parameters] in the study
    ");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "168", "$year"), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:4:20: the parameter `$year` has no value without a year
      hint: `$year` is bound in models with one slice a year
    ");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "least_hours = 1", "year = 1"), @"error: pipelines/tiny.toml:7:1: `year` is the slice's own parameter");
}

#[test]
fn a_check_says_what_it_does() {
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "-- stop: ", "-- "), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:1:1: its first line must say what it does
      hint: `-- stop: <sentence>` or `-- warn: <sentence>`
    ");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "-- stop: ", "-- error: "), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:1:1: its first line must say what it does
      hint: `-- stop: <sentence>` or `-- warn: <sentence>`
    ");
}

#[test]
fn sql_lies_in_the_folder_of_a_layer() {
    let stray = refusal(|study| study.write("sql/tiny/stagings/jobs.sql", "select 1 as a"));
    insta::assert_snapshot!(stray, @"
    error: sql/tiny/stagings/jobs.sql:1:1: has no place in a study's SQL
      hint: models are staging/, core/ or out/<table>.sql, checks are checks/<sentence>.sql
    ");
}

#[test]
fn patterns_by_vintage_must_tell_years_apart() {
    let by_vintage = |patterns: &str| {
        refusal(|study| {
            let text = std::fs::read_to_string(study.place.path(STUDY_FILE)).unwrap();
            let line = text.lines().find(|line| line.starts_with("files")).unwrap();
            study.replace(STUDY_FILE, line, &format!("files = {patterns}"));
        })
    };
    let yearless = r#"{ "..2020" = "old/*", "2021.." = "jobs{year}V{version}*" }"#;
    insta::assert_snapshot!(by_vintage(yearless), @"error: pipelines/tiny.toml:11:9: `sources.jobs.files`: the pattern of ..2020 needs `{year}`");
    insta::assert_snapshot!(by_vintage("{}"), @"error: pipelines/tiny.toml:11:9: `sources.jobs.files`: names no pattern");
    let said = by_vintage(r#"{ "2021..2020" = "jobs{year}*" }"#);
    insta::assert_snapshot!(said, @"error: pipelines/tiny.toml:11:11: the range 2021..2020 ends before it begins");
}
