//! The page of a release: what it shows, what it tells apart, and what becomes of
//! it. That its numbers are those of the tables, and how a browser likes it, is
//! held by `report/check.py`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::tiny_study::{CODEBOOK_FILE, OUT_FILE, STUDY_FILE, TinyStudy, files_below};
use crate::workplace::stderr;

const REPORT: &str = r#"
[report]
labels = "labels.csv"

[[report.sections]]
title = { nl = "Uren & mensen", en = "Hours & people" }

[[report.sections.figures]]
table  = "hours"
chart  = "bars"
where  = { year = "last" }
rows   = ["sector_code"]
values = ["hour_count"]
"#;

/// A study with a report, and raw files of these sectors.
fn study(labels: &str, report: &str) -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.write("pipelines/labels.csv", format!("column,code,nl,en\n{labels}"));
    let text = std::fs::read_to_string(study.place.path(STUDY_FILE)).unwrap();
    study.write(STUDY_FILE, text + report);
    study
}

fn page_path(study: &TinyStudy) -> PathBuf {
    study.place.path("release/current/report.html")
}

fn page(study: &TinyStudy) -> String {
    study.succeed(&["run"]);
    std::fs::read_to_string(page_path(study)).unwrap()
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, before: &str, behind: &str) -> &'a str {
    let rest = text.split_once(before).unwrap().1;
    rest.split_once(behind).unwrap().0
}

#[test]
fn what_looks_like_html_in_words_shows_as_text() {
    let spoilt = "<script>alert('x')</script>";
    let labels = format!(
        "sector_code,,{spoilt},{spoilt}\nsector_code,A,{spoilt},\"a \"\"quote\"\" & <b>\"\n"
    );
    let study = study(&labels, REPORT);
    let page = page(&study);
    assert!(!page.contains(spoilt), "a script of a label stands on the page as one");
    assert!(page.contains("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;"));
    assert!(page.contains("a &#34;quote&#34; &#38; &#60;b&#62;"));
    assert!(page.contains("Uren &#38; mensen"));
    assert_eq!(page.matches("<script>").count(), 1, "its own script and no other");
}

#[test]
fn words_that_one_language_lacks_are_marked_and_told() {
    let study = study("sector_code,,bedrijfstak,\nhour_count,,uren,hours\n", REPORT);
    let page = page(&study);
    assert!(
        page.contains(r#"<span lang="nl" data-only="nl">bedrijfstak<small> [nl]</small></span>"#)
    );
    let gaps = between(&page, "Without words", "</details>");
    assert!(gaps.contains("<code>sector_code</code> [nl]"), "{gaps}");
    assert!(gaps.contains("<code>sector_code = A</code>"), "a code without words: {gaps}");
    assert!(!gaps.contains("hour_count"), "{gaps}");
}

#[test]
fn a_part_whose_table_shows_elsewhere_is_not_shown_twice_and_the_rest_is() {
    let page = page(&study("", REPORT));
    assert_eq!(page.matches("data-table=\"hours\"").count(), 1);
    let others = between(&page, "id=\"tables\"", "</section>");
    assert!(others.contains("data-table=\"source_records\"") && !others.contains("\"hours\""));
    let page = self::page(&study("", ""));
    assert!(page.contains("id=\"table-hours\""), "without a section it stands by its declaration");
    assert!(page.contains("<svg class=\"lines\""), "a year is drawn as one");
}

#[test]
fn a_table_with_many_rows_shows_the_first_and_says_how_many_there_are() {
    let study = study("", "");
    let many: String =
        (0..150).map(|number| format!("P{number};S{number:03};{number}\n")).collect();
    study.write("raw/jobs2020V1.csv", format!("PERSON;SECTOR;HOURS\n{many}"));
    let page = page(&study);
    let rows = std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap();
    let count = rows.lines().count() - 1;
    assert!(count > 100, "{count}");
    assert_eq!(between(&page, "<tbody>", "</tbody>").matches("<tr>").count(), 100);
    assert!(page.contains(&format!("And {} more rows", count - 100)));
}

/// Four figures that are none, each for another reason, and one that is weak.
const STATUSES: &str = "-- One row per sector.
select
    $year as year,
    sector_code,
    count(*) as person_count,
    sum(hour_count) as hour_count,
    cast(case sector_code when 'A' then 1.5 else null end as decimal(10, 2)) as mean_hours,
    case sector_code
        when 'A' then 'unreliable'
        when 'B' then 'suppressed'
        when 'C' then 'not_applicable'
        when 'D' then 'not_yet_computable'
    end as mean_hours_status
from staging.jobs
where hour_count >= $least_hours
group by sector_code
order by sector_code
";

#[test]
fn what_is_kept_back_weak_or_not_there_is_told_apart_and_never_zero() {
    let study = study("", &REPORT.replace("hour_count", "mean_hours"));
    study.write(OUT_FILE, STATUSES);
    study.replace(
        STUDY_FILE,
        r#"measures   = ["person_count", "hour_count"]"#,
        "measures   = [\"person_count\", \"hour_count\", \"mean_hours\"]\n\
         attributes = [\"mean_hours_status\"]",
    );
    let jobs = "PERSON;SECTOR;HOURS\nP1;A;2\nP2;B;2\nP3;C;2\nP4;D;2\nP5;E;2\n";
    study.write("raw/jobs2020V1.csv", jobs);
    study.write("raw/jobs2021V1.csv", jobs);
    let page = page(&study);
    // The rows of the last year stand behind five of the first.
    let told = [
        (6, "1,50", "unreliable: too few observations"),
        (7, "\u{d7}", "suppressed: left out for protection"),
        (8, "n/a", "not applicable: there is none here"),
        (9, "not yet", "not yet computable: a later year is not there"),
        (10, "?", "not known: the data do not say it"),
    ];
    let rows: Vec<&str> = between(&page, "<tbody>", "</tbody>").split("<tr>").skip(1).collect();
    assert_eq!(rows.len(), told.len());
    for ((number, mark, words), row) in told.into_iter().zip(rows) {
        assert!(row.contains(mark) && row.contains(words), "{number}: {row}");
        let is_none = row.contains(&format!("data-none=\"{number}.mean_hours\""));
        assert_eq!(is_none, number > 6, "{number}: {row}");
        let is_drawn = row.contains("class=\"bar\"");
        assert_eq!(is_drawn, number == 6, "what has no figure is drawn: {row}");
        assert!(between(&page, "class=\"statuses\"", "</ul>").contains(words), "{words}");
    }
}

#[test]
fn invented_data_are_named_at_the_top_and_at_each_figure_and_public_ones_are_not() {
    let study = study("", REPORT);
    let invented = page(&study);
    let figures = invented.matches("<figure ").count();
    assert!(figures > 0);
    assert_eq!(invented.matches("class=\"invented\"").count(), figures);
    assert!(between(&invented, "<header>", "</header>").contains("Synthetic data about nobody"));
    study.replace(STUDY_FILE, "\"synthetic\"", "\"public\"");
    let public = page(&study);
    assert!(!public.contains("class=\"invented\"") && !public.contains("Synthetic data"));
    assert!(between(&public, "id=\"protected\"", "</section>").contains("The data are public"));
}

#[test]
fn years_that_do_not_compare_are_parted_and_said() {
    let report = "\n[report]\nbreaks = [{ year = 2021, words = { nl = \"Nieuwe telling\", en = \"New count\" } }]\n";
    let page = page(&study("", report));
    assert!(page.contains("New count"));
    let lines = between(&page, "<svg class=\"lines\"", "</svg>");
    assert!(lines.contains("class=\"break\""));
    assert!(!lines.contains("class=\"step\""), "no line goes over the break");
    assert!(!self::page(&study("", "")).contains("class=\"break\""));
}

#[test]
fn a_report_is_written_again_and_nothing_else_of_its_release() {
    let study = study("", REPORT);
    study.succeed(&["run"]);
    let folder = study.place.path("release/current");
    let before = files_below(&folder);
    let path = study.succeed(&["report"]);
    assert_eq!(PathBuf::from(path.trim_end()), page_path(&study).canonicalize().unwrap());
    assert_eq!(files_below(&folder), before);
    std::fs::write(page_path(&study), "spoilt").unwrap();
    study.succeed(&["report"]);
    assert_eq!(files_below(&folder), before);
    assert!(study.output("warn", &["plan", "--exit-code"]).status.success());
}

#[test]
fn no_report_is_written_of_tables_that_were_edited_or_of_no_release() {
    let study = study("", REPORT);
    let none = study.output("warn", &["report"]);
    assert!(stderr(&none).contains("there is no release in release"), "{}", stderr(&none));
    study.succeed(&["run"]);
    let other = study.output("warn", &["report", "abc"]);
    assert!(stderr(&other).contains("there is no release `abc`"), "{}", stderr(&other));
    let before = std::fs::read(page_path(&study)).unwrap();
    std::fs::write(study.place.path("release/current/hours.csv"), "year\n1\n").unwrap();
    let edited = study.output("warn", &["report"]);
    let told = "hours.csv was edited: a report would show other numbers than were published";
    assert!(!edited.status.success() && stderr(&edited).contains(told), "{}", stderr(&edited));
    assert_eq!(std::fs::read(page_path(&study)).unwrap(), before);
}

#[test]
fn a_release_folder_that_cannot_be_written_leaves_the_last_release() {
    let study = study("", REPORT);
    study.succeed(&["run"]);
    let (release, all) = (study.place.path("release"), study.place.path("release/releases"));
    let before = files_below(&release);
    study.write("pipelines/labels.csv", "column,code,nl,en\nhour_count,,uren,hours\n");
    // Who runs as root may write into any folder, and into none that is a file.
    std::fs::rename(&all, study.place.path("release/aside")).unwrap();
    std::fs::write(&all, "a file in the place of the folder").unwrap();
    let run = study.output("warn", &["run"]);
    assert_eq!(run.status.code(), Some(1), "{}", stderr(&run));
    assert_eq!(stderr(&run).matches("error:").count(), 1, "{}", stderr(&run));
    std::fs::remove_file(&all).unwrap();
    std::fs::rename(study.place.path("release/aside"), &all).unwrap();
    assert_eq!(files_below(&release), before);
}

#[test]
fn mistakes_of_a_report_have_a_file_and_a_line() {
    let figure = |old: &str, new: &str| REPORT.replace(old, new);
    let cases = [
        (
            figure("\"hours\"", "\"minutes\""),
            "",
            "pipelines/tiny.toml:",
            "the table `minutes` is not published",
        ),
        (
            figure("\"hour_count\"", "\"hour_total\""),
            "",
            "pipelines/tiny.toml:",
            "`hours` has no published column `hour_total`",
        ),
        (
            figure("\"bars\"", "\"pie\""),
            "",
            "pipelines/tiny.toml:",
            "must be one of table, bars, intervals, lines, flows, statements",
        ),
        (
            figure("chart  = \"bars\"", "chart  = \"lines\""),
            "",
            "pipelines/tiny.toml:",
            "a chart of this kind needs `across`",
        ),
        (
            figure("chart  = \"bars\"", "chart  = \"flows\""),
            "",
            "pipelines/tiny.toml:",
            "a chart of this kind needs `from`",
        ),
        (
            figure("{ nl = \"Uren & mensen\", en = \"Hours & people\" }", "{}"),
            "",
            "pipelines/tiny.toml:",
            "needs `nl`, `en` or both",
        ),
        (
            figure("where  = { year = \"last\" }", ""),
            "",
            "pipelines/tiny.toml:",
            "`hours` may have several rows here, by `year`",
        ),
        (
            figure("\"last\"", "[\"2020\", \"2021\"]"),
            "",
            "pipelines/tiny.toml:",
            "`hours` may have several rows here, by `year`",
        ),
        (
            figure("\"labels.csv\"", "\"lables.csv\""),
            "",
            "pipelines/tiny.toml:",
            "there is no file pipelines/lables.csv",
        ),
        (
            REPORT.to_owned(),
            "hour_count,,,\n",
            "pipelines/labels.csv:2",
            "needs words in `nl`, `en` or both",
        ),
        (
            REPORT.to_owned(),
            "hour_count,,a,b\nhour_count,,c,d\n",
            "pipelines/labels.csv:3",
            "the same column and code stand there before",
        ),
        (REPORT.to_owned(), ",A,a,b\n", "pipelines/labels.csv:2", "`column` is empty"),
        (REPORT.to_owned(), "hour_count,,a\n", "pipelines/labels.csv:2", "is no CSV"),
    ];
    for (report, labels, place, message) in cases {
        let study = study(labels, &report);
        let output = study.output("warn", &["validate"]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(place) && told.contains(message), "{place} {message}: {told}");
    }
}

#[test]
fn a_page_names_neither_the_place_where_it_was_made_nor_a_network() {
    let study = study("", REPORT);
    let page = page(&study);
    let root = study.place.path("").display().to_string();
    assert!(!page.contains(root.trim_end_matches('/')), "the page names the workplace");
    assert!(!page.contains("http:") && !page.contains("https:"), "the page names a network");
}

#[test]
fn a_candidate_is_shown_within_the_lake_and_called_what_it_is() {
    let study = study("", REPORT);
    study.write("raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\nP1;A;200\n");
    let run = study.output("warn", &["run"]);
    assert_eq!(run.status.code(), Some(3), "a check stops it: {}", stderr(&run));
    let path = PathBuf::from(study.succeed(&["report", "--run", "last"]).trim_end());
    let path = study.place.path("").join(path);
    assert!(path.starts_with(study.place.path("lake")), "{}", path.display());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains("Not published.") && page.contains("not protected"));
    assert!(page.contains("200"), "the figure that the check refuses is there to be seen");
    assert!(!study.place.path("release/current").exists());
    let again = study.succeed(&["report", "--run", "last"]);
    assert!(path.ends_with(again.trim_end()), "{again}");
    study.succeed(&["verify"]);
    study.replace(OUT_FILE, "sum(hour_count)", "max(hour_count)");
    let other = study.output("warn", &["report", "--run", "last"]);
    assert!(stderr(&other).contains("the definition is another"), "{}", stderr(&other));
    study.replace(OUT_FILE, "max(hour_count)", "sum(hour_count)");
    study.write("raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\nP1;A;20\n");
    study.succeed(&["run"]);
    let none = study.output("warn", &["report", "--run", "last"]);
    assert!(stderr(&none).contains("kept no candidate"), "{}", stderr(&none));
}

#[test]
fn rejected_records_are_published_as_counts_and_shown() {
    let study = study("", REPORT);
    study.replace(CODEBOOK_FILE, "title  =", "reject_limit = 0.5\ntitle  =");
    study.write("raw/jobs2020V1.csv", "PERSON;SECTOR;HOURS\nP1;A;2\nP2;A;many\nP3;A;4\n");
    let page = page(&study);
    let table = study.place.path("release/current/source_records.csv");
    let expected = "source_name,year,record_count,kept_count,rejected_count,rejected_share\n\
                    jobs,2020,3,2,1,0.333333\n\
                    jobs,2021,100,100,0,0.000000\n";
    assert_eq!(std::fs::read_to_string(&table).unwrap(), expected);
    assert!(page.contains("data-cell=\"1.rejected_share\"><span lang=\"nl\">33,3%</span>"));
    // One record more that is rejected changes no other table, and makes a release.
    let before = std::fs::read(study.place.path("release/current/hours.csv")).unwrap();
    study.write("raw/jobs2020V1.csv", "PERSON;SECTOR;HOURS\nP1;A;2\nP2;A;many\nP3;A;4\n;A;1\n");
    study.succeed(&["run"]);
    assert_eq!(std::fs::read(study.place.path("release/current/hours.csv")).unwrap(), before);
    assert!(std::fs::read_to_string(&table).unwrap().contains("jobs,2020,4,2,2,0.500000\n"));
    study.replace(STUDY_FILE, "[publish.hours]", "[publish.source_records]");
    let refused = study.output("warn", &["validate"]);
    assert!(stderr(&refused).contains("each release has a table `source_records` of its own"));
}

/// Two statements of a survey by year, of which one is weak.
const FINDINGS: &str = "-- One row per sector, read as a statement.
select
    $year as year,
    sector_code,
    'T1' as finding,
    sector_code as reading,
    'all' as sector_group,
    cast(0.25 + count(*) * 0.01 + ($year - 2020) * 0.1 as decimal(10, 4)) as value,
    cast(0.2 as decimal(10, 4)) as value_low,
    cast(0.6 as decimal(10, 4)) as value_high,
    cast(count(*) as decimal(10, 2)) as numerator,
    cast(4 as decimal(10, 2)) as denominator,
    'all of them' as denominator_label,
    count(*) as unweighted_count,
    'a third' as letter_value,
    sector_code = 'A' as is_reliable,
    'in het Nederlands' as label_nl,
    'in English' as label_en
from staging.jobs
where hour_count >= $least_hours
group by sector_code
order by sector_code
";

#[test]
fn a_statement_is_told_by_its_reading_in_the_last_year_and_one_without_a_row_as_such() {
    let statement = |reading: &str, said: &str| {
        format!(
            "\n[[report.sections.figures.statements]]\nfinding = \"T1\"\nreading = \"{reading}\"\n\
             sector_group = \"all\"\nsaid = {{ nl = \"{said}\", en = \"{said}\" }}\n"
        )
    };
    let figure = "\n[report]\nshares = [\"value\", \"value_low\", \"value_high\"]\n\n\
                  [[report.sections]]\ntitle = { nl = \"Gezegd\", en = \"Said\" }\n\n\
                  [[report.sections.figures]]\ntable = \"hours\"\nchart = \"statements\"\n";
    let report = format!("{figure}{}{}", statement("A", "said of A"), statement("X", "said of X"));
    let study = study("", &report);
    let refused = study.output("warn", &["validate"]);
    assert!(stderr(&refused).contains("no published table has the column `value`"));
    study.write(OUT_FILE, FINDINGS);
    study.replace(
        STUDY_FILE,
        r#"measures   = ["person_count", "hour_count"]"#,
        r#"measures   = ["value", "value_low", "value_high", "numerator", "denominator", "unweighted_count"]
attributes = ["finding", "reading", "sector_group", "denominator_label", "letter_value", "is_reliable", "label_nl", "label_en"]"#,
    );
    for year in [2020, 2021] {
        let jobs = "PERSON;SECTOR;HOURS\nP1;A;2\nP2;A;2\nP3;B;2\n";
        study.write(&format!("raw/jobs{year}V1.csv"), jobs);
    }
    let page = page(&study);
    // A in 2021: 0.25 + 2 × 0.01 + 0.1; rows are 2020 A, 2020 B, 2021 A, 2021 B.
    let card = between(&page, "<article class=\"statement\"", "</article>");
    for told in ["said of A", "a third", "all of them", "in het Nederlands", "in English"] {
        assert!(card.contains(told), "{told}: {card}");
    }
    let value = between(card, "<p class=\"value\">", "</p>");
    assert!(value.contains("<data value=\"0.3700\" data-cell=\"3.value\">"), "{value}");
    assert!(value.contains("37,0%") && value.contains("20,0%") && value.contains("60,0%"));
    let others = between(card, "<tbody>", "</tbody>");
    assert_eq!(others.matches("<tr>").count(), 3, "the other year first, and another reading");
    assert!(between(others, "<tr>", "</tr>").contains("data-cell=\"1.value\""));
    let absent = between(&page, "<p class=\"gap\">", "</p>");
    assert!(absent.contains("said of X") && absent.contains("This release has no rows for it."));
}
