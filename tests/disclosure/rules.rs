//! One test a rule: small tables that are published whole but for that rule.

use honkvast::pipeline::protection::Thresholds;

use super::tables::{Text, at_least, files};

/// The file of one table under the usual thresholds.
fn file(table: Text<'_>) -> String {
    files(&[table], &Thresholds::default()).unwrap().remove(0)
}

#[test]
fn a_count_below_the_least_goes_with_another_of_its_sum() {
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            totals = ["sector"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "sector,person_count
               a,9
               b,40
               c,30
               total,79",
    };
    insta::assert_snapshot!(file(table), @"
    sector,person_count,person_count_status
    a,,suppressed
    b,40,shown
    c,,suppressed
    total,79,shown
    ");
}

#[test]
fn a_count_of_few_employers_is_suppressed() {
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            inside = ["employer_count"]
            [protect]
            counts = { person_count = "persons" }
            employers = "employer_count""#,
        rows: "sector,person_count,employer_count
               a,500,2
               b,400,3",
    };
    insta::assert_snapshot!(file(table), @"
    sector,person_count,person_count_status
    a,,suppressed
    b,400,shown
    ");
}

#[test]
fn a_count_that_one_employer_dominates_is_suppressed() {
    // a: the largest has more than half. b: the second knows the first to 8 %.
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            inside = ["employer_count", "first", "second"]
            [protect]
            counts = { person_count = "persons" }
            employers = "employer_count"
            contributions = { person_count = ["first", "second"] }"#,
        rows: "sector,person_count,employer_count,first,second
               a,1000,9,501,100
               b,1000,9,480,480
               c,1000,9,400,400",
    };
    insta::assert_snapshot!(file(table), @"
    sector,person_count,person_count_status
    a,,suppressed
    b,,suppressed
    c,1000,shown
    ");
}

#[test]
fn a_code_of_nearly_all_of_a_group_is_suppressed() {
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector", "state"]
            measures = ["person_count"]
            totals = ["sector", "state"]
            [protect]
            counts = { person_count = "persons" }
            sensitive = ["state"]"#,
        rows: "sector,state,person_count
               a,sick,91
               a,well,9
               a,total,100
               b,sick,90
               b,well,910
               b,total,1000
               total,sick,181
               total,well,919
               total,total,1100",
    };
    let least = Thresholds { least_count: 2, ..Thresholds::default() };
    insta::assert_snapshot!(files(&[table], &least).unwrap()[0], @"
    sector,state,person_count,person_count_status
    a,sick,,suppressed
    a,well,,suppressed
    a,total,100,shown
    b,sick,,suppressed
    b,well,,suppressed
    b,total,1000,shown
    total,sick,181,shown
    total,well,919,shown
    total,total,1100,shown
    ");
}

#[test]
fn what_is_left_of_a_base_is_a_count_too() {
    // 395 of 400 left: the five who stayed are in no column.
    let table = Text {
        name: "leavers",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["leaver_count", "base_count"]
            rates = { share = ["leaver_count", "base_count"] }
            [protect]
            counts = { leaver_count = "leavers", base_count = "persons" }"#,
        rows: "sector,leaver_count,base_count,share
               a,395,400,9875
               b,20,400,500
               c,3,400,75",
    };
    insta::assert_snapshot!(file(table), @"
    sector,leaver_count,leaver_count_status,base_count,base_count_status,share,share_status
    a,,suppressed,400,shown,,suppressed
    b,20,shown,400,shown,500,shown
    c,,suppressed,400,shown,,suppressed
    ");
}

#[test]
fn figures_and_sums_go_with_the_counts_that_they_tell() {
    let table = Text {
        name: "wages",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["wage_sum", "person_count", "mean_wage"]
            [protect]
            counts = { person_count = "persons" }
            sums = { wage_sum = "person_count" }
            figures = { mean_wage = ["person_count"] }"#,
        rows: "sector,wage_sum,person_count,mean_wage
               a,900,3,300
               b,9000,30,300
               c,,30,",
    };
    insta::assert_snapshot!(file(table), @"
    sector,wage_sum,wage_sum_status,person_count,person_count_status,mean_wage,mean_wage_status
    a,,suppressed,,suppressed,,suppressed
    b,9000,shown,30,shown,300,shown
    c,,not_applicable,30,shown,,not_applicable
    ");
}

#[test]
fn an_unreliable_figure_stands_there_and_says_so_unless_its_count_is_not_shown() {
    let table = Text {
        name: "shares",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count", "share"]
            attributes = ["is_reliable"]
            [protect]
            counts = { person_count = "respondents" }
            figures = { share = ["person_count"] }
            quality = "is_reliable""#,
        rows: "sector,person_count,share,is_reliable
               a,9,40,false
               b,30,41,false
               c,300,42,true",
    };
    insta::assert_snapshot!(file(table), @"
    sector,person_count,person_count_status,share,share_status,is_reliable
    a,,suppressed,,suppressed,
    b,30,shown,41,unreliable,false
    c,300,shown,42,shown,true
    ");
}

#[test]
fn counts_that_add_up_in_a_row_are_one_system() {
    let table = Text {
        name: "switches",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["raw_count", "link_count", "corrected_count"]
            [protect]
            counts = { raw_count = "raw", link_count = "links", corrected_count = "corrected" }
            parts = { raw_count = ["link_count", "corrected_count"] }"#,
        rows: "sector,raw_count,link_count,corrected_count
               a,50,4,46
               b,50,20,30",
    };
    insta::assert_snapshot!(file(table), @"
    sector,raw_count,raw_count_status,link_count,link_count_status,corrected_count,corrected_count_status
    a,50,shown,,suppressed,,suppressed
    b,50,shown,20,shown,30,shown
    ");
}

#[test]
fn a_zero_is_a_small_count_unless_it_is_said_to_be_harmless() {
    let rows = "sector,person_count,unknown_count
                a,50,0
                b,50,3";
    let declaration = r#"
        dimensions = ["sector"]
        measures = ["person_count", "unknown_count"]
        [protect]
        counts = { person_count = "persons", unknown_count = "unknown" }"#;
    insta::assert_snapshot!(file(Text { name: "t", declaration, rows }), @"
    sector,person_count,person_count_status,unknown_count,unknown_count_status
    a,50,shown,,suppressed
    b,50,shown,,suppressed
    ");
    let declaration = r#"
        dimensions = ["sector"]
        measures = ["person_count", "unknown_count"]
        [protect]
        counts = { person_count = "persons", unknown_count = "unknown" }
        shown_zeros = ["unknown_count"]"#;
    insta::assert_snapshot!(file(Text { name: "t", declaration, rows }), @"
    sector,person_count,person_count_status,unknown_count,unknown_count_status
    a,50,shown,0,shown
    b,50,shown,,suppressed
    ");
}

#[test]
fn who_is_alone_in_a_cell_cannot_subtract_it() {
    // The eight in b could be up to 38 to everybody but the one employer of a, who
    // knows its thirty.
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            inside = ["employer_count"]
            totals = ["sector"]
            [protect]
            counts = { person_count = "persons" }
            employers = "employer_count""#,
        rows: "sector,person_count,employer_count
               a,30,1
               b,8,4
               c,60,4
               total,98,4",
    };
    insta::assert_snapshot!(file(table), @"
    sector,person_count,person_count_status
    a,,suppressed
    b,,suppressed
    c,,suppressed
    total,98,shown
    ");
}

#[test]
fn what_the_declarations_do_not_explain_is_refused_without_its_value() {
    let table = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            totals = ["sector"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "sector,person_count
               a,41
               b,40
               total,82",
    };
    insta::assert_snapshot!(files(&[table], &at_least(10)).unwrap_err(), @"out.persons: the declaration does not explain `person_count`: its total and the parts that count the same do not add up in: sector total");
    let parts = Text {
        name: "switches",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["raw_count", "link_count"]
            [protect]
            counts = { raw_count = "raw", link_count = "links" }
            parts = { raw_count = ["link_count"] }"#,
        rows: "sector,raw_count,link_count
               a,41,40",
    };
    insta::assert_snapshot!(files(&[parts], &at_least(10)).unwrap_err(), @"out.switches: the parts of `raw_count` do not add up to it in: sector a");
    let below = Text {
        name: "persons",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "sector,person_count
               a,-1",
    };
    insta::assert_snapshot!(files(&[below], &at_least(10)).unwrap_err(), @"out.persons: the count `person_count` is below zero in: sector a");
    let weights = Text {
        name: "weights",
        declaration: r#"
            dimensions = ["sector"]
            measures = ["person_count", "weight"]
            [protect]
            counts = { person_count = "persons" }
            sums = { weight = "person_count" }"#,
        rows: "sector,person_count,weight
               a,30,-2",
    };
    insta::assert_snapshot!(files(&[weights], &at_least(10)).unwrap_err(), @"out.weights: the sum `weight` is below zero in: sector a");
}

#[test]
fn what_must_be_shown_is_shown_or_nothing_is() {
    let table = |shown| {
        let declaration = format!(
            "dimensions = [\"sector\"]\nmeasures = [\"person_count\", \"weight\"]\n\
             totals = [\"sector\"]\n[protect]\ncounts = {{ person_count = \"persons\" }}\n\
             sums = {{ weight = \"person_count\" }}\nshown = [{{ sector = \"{shown}\" }}]"
        );
        let rows = "sector,person_count,weight
                    a,9,90
                    b,40,400
                    c,30,300
                    total,79,790";
        files(&[Text { name: "persons", declaration: &declaration, rows }], &at_least(10))
    };
    insta::assert_snapshot!(table("c").unwrap()[0], @"
    sector,person_count,person_count_status,weight,weight_status
    a,,suppressed,,suppressed
    b,,suppressed,,suppressed
    c,30,shown,300,shown
    total,79,shown,790,shown
    ");
    insta::assert_snapshot!(table("a").unwrap_err(), @"the rule of count cannot be met: `person_count` of out.persons in sector a must be shown, and must not be known");
}
