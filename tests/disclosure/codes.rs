//! Counts over several codes, of rows that repeat them, with parts in other tables,
//! and figures that come from them: what the pattern hides, and what an attack finds
//! where it is shown.

use std::collections::BTreeMap;

use honkvast::attack::{Rules, attack};
use honkvast::pipeline::protection::Thresholds;
use honkvast::pipeline::published::{Published, declaration};
use honkvast::pipeline::toml_reader::DefinitionText;

use super::tables::{Text, at_least, files};

/// Why an attack refuses files in which a count that is no number is suppressed.
fn found_in(tables: &[Text<'_>]) -> Vec<&'static str> {
    let declarations: Vec<Published> = tables.iter().map(Text::declaration).collect();
    let file = |table: &Text<'_>| {
        let mut lines = table.rows.lines().map(str::trim);
        let mut file = format!("{},person_count_status\n", lines.next().unwrap());
        for line in lines {
            let (codes, count) = line.rsplit_once(',').unwrap();
            let cells = match count.parse::<i64>() {
                Ok(count) => format!("{codes},{count},published\n"),
                Err(_) => format!("{codes},,suppressed\n"),
            };
            file.push_str(&cells);
        }
        (table.name.to_owned(), file.into_bytes())
    };
    let named = tables.iter().zip(&declarations);
    let rules = Rules {
        tables: named.map(|(table, it)| (table.name.to_owned(), it)).collect(),
        ..Rules::default()
    };
    let files: BTreeMap<String, Vec<u8>> = tables.iter().map(file).collect();
    attack(&files, &rules).unwrap().leaks.into_iter().map(|leak| leak.why).collect()
}

const AGES: Text<'static> = Text {
    name: "ages",
    declaration: r#"
        dimensions = ["age"]
        measures = ["person_count"]
        [protect]
        counts = { person_count = "persons" }"#,
    rows: "age,person_count
           child,6
           unknown,5
           young,80
           old,90",
};

const GROWN: Text<'static> = Text {
    name: "grown",
    declaration: r#"
        dimensions = ["place"]
        measures = ["person_count"]
        totals = ["place"]
        [protect.counts.person_count]
        of = "persons"
        fixed = { age = ["young", "old"] }"#,
    rows: "place,person_count
           total,170",
};

const ALL: Text<'static> = Text {
    name: "all",
    declaration: r#"
        dimensions = ["place"]
        measures = ["person_count"]
        totals = ["place"]
        [protect]
        counts = { person_count = "persons" }"#,
    rows: "place,person_count
           total,181",
};

#[test]
fn a_count_over_several_codes_is_what_these_add_up_to() {
    // Those of two ages are known together, and so one of them cannot hide alone.
    let ages = Text { rows: "age,person_count\nyoung,5\nold,165\nchild,60", ..AGES };
    let files = files(&[ages, GROWN], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    age,person_count,person_count_status
    young,,suppressed
    old,,suppressed
    child,60,shown

    place,person_count,person_count_status
    total,170,shown
    ");
    let ages = Text { rows: "age,person_count\nyoung,-\nold,165\nchild,60", ..AGES };
    assert_eq!(found_in(&[ages, GROWN]), ["it can be found from what is published"]);
    let grown = Text { rows: "place,person_count\ntotal,-", ..GROWN };
    let ages = Text { rows: "age,person_count\nyoung,-\nold,165\nchild,60", ..AGES };
    assert!(found_in(&[ages, grown]).is_empty());
}

#[test]
fn what_there_is_of_other_codes_is_a_count_too() {
    // Eleven are neither young nor old; of fifteen at least, that says too much.
    let files = files(&[AGES, GROWN, ALL], &at_least(15)).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    age,person_count,person_count_status
    child,,suppressed
    unknown,,suppressed
    young,80,shown
    old,90,shown

    place,person_count,person_count_status
    total,170,shown

    place,person_count,person_count_status
    total,,suppressed
    ");
    let ages = Text { rows: "age,person_count\nchild,-\nunknown,-\nyoung,80\nold,-", ..AGES };
    let all = Text { rows: "place,person_count\ntotal,179", ..ALL };
    assert_eq!(found_in(&[ages, GROWN, all]), ["it can be found from what is published"; 3]);
}

#[test]
fn a_count_that_differs_where_rows_repeat_it_is_refused() {
    let table = |rows| Text {
        name: "goals",
        declaration: r#"
            dimensions = ["year", "goal"]
            measures = ["person_count", "base_count"]
            [protect.counts]
            person_count = "persons"
            base_count = { of = "bases", without = ["goal"] }"#,
        rows,
    };
    let files_of = |rows| files(&[table(rows)], &Thresholds::default());
    let shown = files_of("year,goal,person_count,base_count\n2016,a,20,50\n2016,b,30,50").unwrap();
    insta::assert_snapshot!(shown[0], @"
    year,goal,person_count,person_count_status,base_count,base_count_status
    2016,a,20,shown,50,shown
    2016,b,30,shown,50,shown
    ");
    let refused = files_of("year,goal,person_count,base_count\n2016,a,20,50\n2016,b,30,51");
    insta::assert_snapshot!(refused.unwrap_err().to_string(), @"out.goals: `base_count` is declared to count the same as another count (row 1 of table 1) and differs from it in: year 2016, goal b");
}

/// Who changed employer by the numbers of employers, and corrected for those that went
/// on under another.
const CHANGES: Text<'static> = Text {
    name: "changes",
    declaration: r#"
        dimensions = ["rule", "sector"]
        measures = ["person_count"]
        [[protect.counts.person_count]]
        of = "changes"
        only = { rule = "raw" }
        fixed = { rule = "raw" }
        [[protect.counts.person_count]]
        of = "changes"
        only = { rule = "corrected" }
        fixed = { rule = "corrected" }
        part_of = { of = "changes", without = ["rule"], fixed = { rule = "raw" } }"#,
    rows: "rule,sector,person_count
           raw,a,57
           raw,b,40
           corrected,a,52
           corrected,b,40",
};

#[test]
fn what_is_left_of_a_part_is_a_count_and_nothing_says_nothing() {
    let files = files(&[CHANGES], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files[0], @"
    rule,sector,person_count,person_count_status
    raw,a,57,shown
    raw,b,40,shown
    corrected,a,,suppressed
    corrected,b,40,shown
    ");
    assert!(found_in(&[CHANGES]).contains(&"what is left of its base is below the least count"));
}

#[test]
fn rows_that_have_not_all_codes_are_not_added_up() {
    let technical = |more: &str| {
        format!(
            "dimensions = [\"level\"]\nmeasures = [\"person_count\"]\n\
             [protect.counts.person_count]\nof = \"persons\"\nfixed = {{ kind = \"technical\" }}\n{more}"
        )
    };
    let levels = Text {
        name: "levels",
        declaration: r#"
            dimensions = ["level"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }"#,
        rows: "level,person_count\nhigh,90\nlow,60",
    };
    let rows = "level,person_count\nhigh,30\nlow,20";
    let [all, some] = [technical(""), technical("incomplete = [\"kind\"]")];
    let refused =
        files(&[levels, Text { name: "technical", declaration: &all, rows }], &at_least(5));
    insta::assert_snapshot!(refused.unwrap_err().to_string(), @"out.levels: the declaration does not explain `person_count`: its total and the parts that count the same do not add up in: level high");
    files(&[levels, Text { name: "technical", declaration: &some, rows }], &at_least(5)).unwrap();
}

#[test]
fn a_figure_stands_only_where_what_it_comes_from_does() {
    let difference = Text {
        name: "difference",
        declaration: r#"
            dimensions = ["age"]
            measures = ["difference"]
            [protect]
            figures = { difference = [] }
            [[protect.from]]
            only = { age = "young_less_old" }
            counts = [
                { of = "persons", without = ["age"], fixed = { age = "young" } },
                { of = "persons", without = ["age"], fixed = { age = "old" } },
            ]"#,
        rows: "age,difference\nyoung_less_old,84\nother,1",
    };
    let ages = Text { rows: "age,person_count\nyoung,90\nold,6", ..AGES };
    let files = files(&[ages, difference], &Thresholds::default()).unwrap();
    insta::assert_snapshot!(files.join("\n"), @"
    age,person_count,person_count_status
    young,90,shown
    old,,suppressed

    age,difference,difference_status
    young_less_old,,suppressed
    other,1,shown
    ");
}

#[test]
fn an_attack_refuses_a_figure_without_what_it_comes_from() {
    let declaration = r#"
        dimensions = ["age"]
        measures = ["person_count"]
        [protect]
        figures = { person_count = [] }
        [[protect.from]]
        counts = [{ of = "persons", without = ["age"], fixed = { age = "old" } }]"#;
    let rows = "age,person_count\nold,84";
    let figures = || Text { name: "figures", declaration, rows };
    let ages = |rows| Text { rows, ..AGES };
    let hidden = found_in(&[ages("age,person_count\nold,-\nyoung,-"), figures()]);
    assert_eq!(hidden, ["it is shown, and a count that it comes from is not"]);
    assert!(found_in(&[ages("age,person_count\nold,84\nyoung,-"), figures()]).is_empty());
}

#[test]
fn a_total_code_may_stand_for_many() {
    let periods = Text {
        name: "periods",
        declaration: r#"
            dimensions = ["period"]
            measures = ["person_count"]
            [protect]
            counts = { person_count = "persons" }
            total_codes = { period = "*..*" }"#,
        rows: "period,person_count
               2016,4
               2017,50
               2018,60
               2016..2018,114",
    };
    insta::assert_snapshot!(files(&[periods], &Thresholds::default()).unwrap()[0], @"
    period,person_count,person_count_status
    2016,,suppressed
    2017,,suppressed
    2018,60,shown
    2016..2018,114,shown
    ");
}

#[test]
fn rows_say_at_once_what_several_measures_count() {
    let of = |protect: &str| {
        let declaration = format!(
            "dimensions = [\"year\", \"goal\"]\nmeasures = [\"left\", \"base\", \"all\"]\n[protect]\n{protect}"
        );
        let table = Text { name: "goals", declaration: &declaration, rows: "" };
        table.declaration().protection.unwrap()
    };
    let at_once = of(r#"
        same = { all = "base" }
        rows = [{ only = { goal = "a" }, as = { year = "from_year" }, counts = { left = "leavers", base = "persons" } }]"#);
    let apart = of(r#"
        [protect.counts.left]
        of = "leavers"
        only = { goal = "a" }
        as = { year = "from_year" }
        [protect.counts.base]
        of = "persons"
        only = { goal = "a" }
        as = { year = "from_year" }
        [protect.counts.all]
        of = "persons"
        only = { goal = "a" }
        as = { year = "from_year" }"#);
    assert_eq!(at_once, apart);
}

#[test]
fn what_a_declaration_speaks_of_must_be_there() {
    let refused = |protect: &str| {
        let text = format!(
            "family = \"register\"\ndimensions = [\"rule\", \"goal\"]\n\
             measures = [\"left\", \"base\"]\n[protect]\n{protect}"
        );
        let text = DefinitionText { file: "goals".into(), text };
        declaration(&text).unwrap_err().to_string()
    };
    let all = [
        "counts = { left = \"a\", base = \"b\" }\nreadings = { rule = [\"gaol\"] }",
        "counts = { left = { of = \"a\", incomplete = [\"gaol\"] } }",
        "counts = { left = { of = \"a\", fixed = { goal = \"$no_parameter\" } } }",
        "counts = { left = \"a\", base = \"b\" }\nsame = { base = \"left\" }",
        "counts = { left = \"a\" }\nsame = { base = \"right\" }",
        "counts = { left = { of = \"a\", part_of = { of = \"a\", only = { goal = \"x\" } } } }",
        "counts = { left = { of = \"a\", without = [\"gaol\"] } }",
    ];
    insta::assert_snapshot!(all.map(refused).join("\n"), @"
    goals:4:1: `protect`: no count has the coordinate `gaol`
    goals:4:1: `protect`: no count has the coordinate `gaol`
    goals:5:48: `protect.counts.left.fixed.goal`: the study has no parameter `no_parameter`
    goals:6:8: `protect.same`: `base` is among the `counts` already
    goals:6:17: `protect.same.base`: `right` is not among the `counts`
    goals:5:41: `protect.counts.left.part_of`: says where a count is, by `of`, `as`, `fixed` and `without`
    goals:5:42: `protect.counts.left.without`: `gaol` is not among the dimensions
    ");
}

#[test]
fn who_is_alone_in_a_count_is_alone_in_what_is_part_of_it() {
    // The one employer of c knows all of its row, and what is left of it; it hides
    // with other rows, and with its own counts.
    let table = Text {
        name: "switches",
        declaration: r#"
            dimensions = ["kind"]
            totals = ["kind"]
            measures = ["switch_count", "base_count"]
            inside = ["employer_count"]
            rates = { switch_share = ["switch_count", "base_count"] }
            [protect]
            counts = { switch_count = "switches", base_count = "pairs" }
            employers = "employer_count""#,
        rows: "kind,switch_count,base_count,employer_count,switch_share
               a,120,600,40,0
               b,80,300,30,0
               c,2,5,1,0
               total,202,905,40,0",
    };
    insta::assert_snapshot!(files(&[table], &Thresholds::default()).unwrap()[0], @"
    kind,switch_count,switch_count_status,base_count,base_count_status,switch_share,switch_share_status
    a,120,shown,600,shown,0,shown
    b,,suppressed,,suppressed,,suppressed
    c,,suppressed,,suppressed,,suppressed
    total,202,shown,905,shown,0,shown
    ");
}
