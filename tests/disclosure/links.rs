//! One test a link: tables that are one system because of what they count.

use honkvast::pipeline::protection::Thresholds;

use super::tables::{Text, at_least, files};

/// A table of persons by some dimensions, without totals.
fn persons_by(dimensions: &str) -> String {
    format!(
        "dimensions = [{dimensions}]\nmeasures = [\"person_count\"]\n[protect]\n\
         counts = {{ person_count = \"persons\" }}"
    )
}

/// The stock of a year is what comes in at the end of the year before.
const ACCOUNTS: Text<'static> = Text {
    name: "accounts",
    declaration: r#"
        dimensions = ["year", "side", "sector", "code"]
        measures = ["person_count"]
        [protect]
        total_codes = { code = "all" }
        [[protect.counts.person_count]]
        of = "persons"
        only = { side = "stock" }
        [[protect.counts.person_count]]
        of = "persons"
        only = { side = "out" }
        as = { code = "out_code" }
        [[protect.counts.person_count]]
        of = "persons"
        only = { side = "in" }
        as = { year = "year+1", code = "in_code" }"#,
    rows: "year,side,sector,code,person_count
           2016,in,a,born,5
           2016,in,a,stayed,55
           2016,out,a,died,20
           2016,out,a,stayed,55
           2016,stock,a,all,75
           2017,out,a,died,25
           2017,out,a,stayed,35
           2017,stock,a,all,60",
};

#[test]
fn the_stock_of_a_year_is_the_inflow_of_the_year_before() {
    let files = files(&[ACCOUNTS], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files[0], @"
    year,side,sector,code,person_count,person_count_status
    2016,in,a,born,,suppressed
    2016,in,a,stayed,,suppressed
    2016,out,a,died,20,shown
    2016,out,a,stayed,55,shown
    2016,stock,a,all,75,shown
    2017,out,a,died,25,shown
    2017,out,a,stayed,35,shown
    2017,stock,a,all,60,shown
    ");
}

#[test]
fn a_count_of_two_quantities_is_one_count() {
    // Who stayed stands on both sides of the account.
    let case = |side: &str| {
        format!(
            "\n[[protect.counts.person_count]]\nof = \"stayers\"\n\
             only = {{ side = \"{side}\", code = \"stayed\" }}"
        )
    };
    let declaration = format!("{}{}{}", ACCOUNTS.declaration, case("in"), case("out"));
    let accounts = Text { declaration: &declaration, ..ACCOUNTS };
    let files = files(&[accounts], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files[0], @"
    year,side,sector,code,person_count,person_count_status
    2016,in,a,born,,suppressed
    2016,in,a,stayed,55,shown
    2016,out,a,died,20,shown
    2016,out,a,stayed,55,shown
    2016,stock,a,all,75,shown
    2017,out,a,died,,suppressed
    2017,out,a,stayed,35,shown
    2017,stock,a,all,,suppressed
    ");
}

#[test]
fn tables_that_share_no_cell_share_what_both_add_up_to() {
    // Persons by age and by sex: nobody publishes the total, and both have it.
    let by_age = Text {
        name: "by_age",
        declaration: r#"
            dimensions = ["year", "age"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "year,age,person_count
               2016,old,4
               2016,young,60",
    };
    let by_sex = Text {
        name: "by_sex",
        declaration: r#"
            dimensions = ["year", "sex"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "year,sex,person_count
               2016,man,30
               2016,woman,34",
    };
    let files = files(&[by_age, by_sex], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    year,age,person_count,person_count_status
    2016,old,,suppressed
    2016,young,60,shown

    year,sex,person_count,person_count_status
    2016,man,,suppressed
    2016,woman,34,shown
    ");
}

#[test]
fn a_reading_codes_some_dimensions_and_not_what_they_add_up_to() {
    let table = Text {
        name: "changes",
        declaration: r#"
            dimensions = ["rule", "sector", "change"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }
            readings = { rule = ["change"] }"#,
        rows: "rule,sector,change,person_count
               raw,a,left,40
               raw,a,stayed,60
               corrected,a,left,12
               corrected,a,linked,28
               corrected,a,stayed,60",
    };
    let stock = Text {
        name: "stock",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "sector,person_count
               a,100",
    };
    let files = files(&[table, stock], &at_least(20)).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    rule,sector,change,person_count,person_count_status
    raw,a,left,40,shown
    raw,a,stayed,60,shown
    corrected,a,left,,suppressed
    corrected,a,linked,,suppressed
    corrected,a,stayed,60,shown

    sector,person_count,person_count_status
    a,100,shown
    ");
}

#[test]
fn what_a_reading_codes_adds_up_to_is_one_count_in_all_readings() {
    // Raw, the total hides with the five who left; so it must where it is corrected.
    let table = Text {
        name: "changes",
        declaration: r#"
            dimensions = ["rule", "change"]
            measures = ["person_count"]
            totals = ["change"]
            [protect]
            counts = { person_count = "persons" }
            readings = { rule = ["change"] }
            shown = [{ change = "stayed" }]"#,
        rows: "rule,change,person_count
               raw,left,5
               raw,stayed,60
               raw,total,65
               corrected,left,15
               corrected,stayed,50
               corrected,total,65",
    };
    insta::assert_snapshot!(files(&[table], &Thresholds::default()).unwrap()[0], @"
    rule,change,person_count,person_count_status
    raw,left,,suppressed
    raw,stayed,60,shown
    raw,total,,suppressed
    corrected,left,,suppressed
    corrected,stayed,50,shown
    corrected,total,,suppressed
    ");
}

#[test]
fn a_table_between_two_others_hides_no_year_that_it_lacks() {
    let stock = persons_by("\"year\"");
    let stock = Text {
        name: "stock",
        declaration: &stock,
        rows: "year,person_count
               2016,64
               2017,94",
    };
    // By age there are no figures of 2016.
    let ages = persons_by("\"year\", \"age\"");
    let ages = Text {
        name: "ages",
        declaration: &ages,
        rows: "year,age,person_count
               2017,old,34
               2017,young,60",
    };
    let changes = persons_by("\"year\", \"age\", \"change\"");
    let changes = Text {
        name: "changes",
        declaration: &changes,
        rows: "year,age,change,person_count
               2016,old,left,4
               2016,old,stayed,20
               2016,young,stayed,40
               2017,old,left,14
               2017,old,stayed,20
               2017,young,stayed,60",
    };
    let files = files(&[stock, ages, changes], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    year,person_count,person_count_status
    2016,64,shown
    2017,94,shown

    year,age,person_count,person_count_status
    2017,old,34,shown
    2017,young,60,shown

    year,age,change,person_count,person_count_status
    2016,old,left,,suppressed
    2016,old,stayed,,suppressed
    2016,young,stayed,40,shown
    2017,old,left,14,shown
    2017,old,stayed,20,shown
    2017,young,stayed,60,shown
    ");
}

#[test]
fn what_two_tables_have_in_common_is_found_in_years_that_a_third_lacks() {
    let stock = persons_by("\"year\"");
    let stock = Text { name: "stock", declaration: &stock, rows: "year,person_count\n2017,94" };
    let ages = persons_by("\"year\", \"age\"");
    let ages = Text {
        name: "ages",
        declaration: &ages,
        rows: "year,age,person_count
               2016,old,4
               2016,young,60",
    };
    let sexes = persons_by("\"year\", \"sex\"");
    let sexes = Text {
        name: "sexes",
        declaration: &sexes,
        rows: "year,sex,person_count
               2016,man,30
               2016,woman,34",
    };
    let files = files(&[stock, ages, sexes], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    year,person_count,person_count_status
    2017,94,shown

    year,age,person_count,person_count_status
    2016,old,,suppressed
    2016,young,60,shown

    year,sex,person_count,person_count_status
    2016,man,,suppressed
    2016,woman,34,shown
    ");
}
