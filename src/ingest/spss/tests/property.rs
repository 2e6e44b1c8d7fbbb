//! Random variables and cases in every form a file can have: what is read is
//! what was written, whatever the sizes of chunks and blocks.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ingest::tests::{gzip, zstd};

/// What a random variable is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sort {
    Plain,
    Day,
    LeadingZeros,
    Text(usize),
}

#[derive(Debug, Clone)]
struct Column {
    sort: Sort,
    /// The codebook has it.
    is_wanted: bool,
    is_mandatory: bool,
    missing_range: Option<(f64, f64)>,
    /// Discrete missing values, from among the values.
    missing_count: usize,
    /// More values than cases; the surplus is not used.
    values: Vec<Cell>,
}

fn numbers(sort: Sort) -> BoxedStrategy<Cell> {
    let number = match sort {
        Sort::Day => (-50_000i64..4_000_000).prop_map(|h| (h * 3600 + 7) as f64).boxed(),
        Sort::LeadingZeros => (0..2_000_000i32).prop_map(f64::from).boxed(),
        _ => prop_oneof![
            3 => (-120..200i32).prop_map(f64::from),
            1 => (-100_000..100_000i32).prop_map(|cents| f64::from(cents) / 100.0),
            1 => any::<i64>().prop_map(|number| number as f64),
            1 => prop::num::f64::NORMAL,
        ]
        .boxed(),
    };
    prop_oneof![8 => number.prop_map(Cell::Number), 1 => Just(Cell::SystemMissing)].boxed()
}

fn texts(width: usize) -> BoxedStrategy<Cell> {
    let text = prop_oneof![
        4 => "[a-z ]{0,6}[a-z]",
        2 => "[a-z€é]{1,5}[ a-z]{300}z",
        1 => Just(String::new()),
    ];
    let cut = move |text: String| {
        let mut end = text.len().min(width);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].trim_end().as_bytes().to_vec()
    };
    let damaged = prop_oneof![Just(vec![0xff]), Just(b"\0x".to_vec())];
    // A NUL byte at the end is padding.
    let damaged = damaged.prop_map(move |text| if width < 2 { vec![0xff] } else { text });
    prop_oneof![30 => text.prop_map(cut), 1 => damaged].prop_map(Cell::Text).boxed()
}

fn column(cases: usize) -> impl Strategy<Value = Column> {
    let width = prop_oneof![1..=8usize, 9..=255usize, 256..=800usize];
    let sort = prop_oneof![
        3 => Just(Sort::Plain),
        1 => Just(Sort::Day),
        1 => Just(Sort::LeadingZeros),
        3 => width.prop_map(Sort::Text),
    ];
    sort.prop_flat_map(move |sort| {
        let values = match sort {
            Sort::Text(width) => vec(texts(width), cases + 3),
            sort => vec(numbers(sort), cases + 3),
        };
        let range = prop::option::of((-50.0..50.0, 0.0..60.0));
        (Just(sort), any::<bool>(), prop::bool::weighted(0.2), range, 0..=3usize, values)
    })
    .prop_map(|(sort, is_wanted, is_mandatory, range, missing_count, values)| {
        let is_number = !matches!(sort, Sort::Text(_));
        let missing_range = range.map(|(from, size)| (from, from + size)).filter(|_| is_number);
        let missing_count =
            if missing_range.is_some() { missing_count.min(1) } else { missing_count };
        Column { sort, is_wanted, is_mandatory, missing_range, missing_count, values }
    })
}

impl Column {
    fn missing(&self) -> Vec<Cell> {
        let fits = |cell: &&Cell| match cell {
            Cell::Number(_) => true,
            Cell::SystemMissing => false,
            Cell::Text(text) => text.len() <= 8,
        };
        self.values.iter().filter(fits).take(self.missing_count).cloned().collect()
    }

    fn plan(&self, name: String) -> Plan {
        let plan = match self.sort {
            Sort::Text(width) => Plan::text(&name, width),
            Sort::Day => Plan { format: (39, 10, 0), ..Plan::number(&name) },
            Sort::LeadingZeros => Plan { format: (16, 5, 0), ..Plan::number(&name) },
            Sort::Plain => Plan::number(&name),
        };
        Plan { missing_range: self.missing_range, missing: self.missing(), ..plan }
    }

    fn is_missing(&self, cell: &Cell) -> bool {
        let in_range = match (cell, self.missing_range) {
            (Cell::Number(number), Some((from, to))) => from <= *number && *number <= to,
            _ => false,
        };
        in_range || self.missing().contains(cell)
    }

    /// The value as text and the reason why there is none, or the broken rule.
    fn expected(&self, cell: &Cell) -> Result<[Option<String>; 2], &'static str> {
        let text = match cell {
            Cell::SystemMissing => String::new(),
            Cell::Number(number) => match self.sort {
                Sort::Day => {
                    let day = (*number / 86_400.0).floor() as i32;
                    let day = jiff::civil::date(1582, 10, 14) + jiff::Span::new().days(day);
                    day.strftime("%Y%m%d").to_string()
                }
                Sort::LeadingZeros => format!("{number:05}"),
                _ => format!("{number}"),
            },
            Cell::Text(text) if text.contains(&0) => return Err("NUL byte"),
            Cell::Text(text) => String::from_utf8(text.clone()).map_err(|_| "not valid text")?,
        };
        let reason = match (text.is_empty(), self.is_missing(cell)) {
            (true, _) => Some("empty".to_owned()),
            (false, true) => Some(format!("user-missing {text}")),
            (false, false) => None,
        };
        match reason {
            Some(_) if self.is_mandatory => Err("mandatory value missing"),
            Some(reason) => Ok([None, Some(reason)]),
            None => Ok([Some(text), None]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        (count, columns) in (0..40usize)
            .prop_flat_map(|count| (Just(count), vec(column(count), 1..8))),
        form in (any::<bool>(), 0..3i32, any::<bool>(), any::<bool>(), any::<bool>()),
        bias in prop::sample::select(vec![100.0, 0.0, 50.0]),
        sizes in (1..3000usize, 1..2000usize, 1..4usize),
        packing in prop::sample::select(vec!["file.sav", "file.sav.gz", "file.zsav.zst"]),
    ) {
        let mut columns = columns;
        columns[0].is_wanted = true;
        let (is_big_endian, compression, is_declared, writes_end, has_other_records) = form;
        let (chunk_bytes, block_bytes, threads) = sizes;
        let plans = columns.iter().enumerate().map(|(at, column)| column.plan(format!("name_{at}")));
        let case = |case: usize| columns.iter().map(|column| column.values[case].clone()).collect();
        let cases: Vec<Vec<Cell>> = (0..count).map(case).collect();
        let sav = Sav {
            is_big_endian, compression, bias, block_bytes, writes_end, has_other_records,
            declared: if is_declared { count as i32 } else { -1 },
            ..Sav::new(plans.collect(), cases)
        };
        let wanted = || columns.iter().enumerate().filter(|(_, column)| column.is_wanted);
        let entries = wanted().map(|(at, column)| format!(
            "{{ name = \"name_{at}\", type = \"text\", keep_reason = true, mandatory = {} }},\n",
            column.is_mandatory
        ));
        let codebook = codebook("null", &entries.collect::<String>());
        let bytes = sav.bytes();
        let bytes = match packing {
            "file.sav" => bytes,
            "file.sav.gz" => gzip(&bytes),
            _ => zstd(&bytes),
        };
        let reading = read_as(packing, &bytes, &codebook, threads, chunk_bytes).unwrap();

        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        for (case, number) in sav.cases.iter().zip(1u64..) {
            let values = wanted().map(|(at, column)| {
                column.expected(&case[at]).map_err(|rule| (number, format!("name_{at}"), rule))
            });
            match values.collect::<Result<Vec<_>, _>>() {
                Ok(values) => rows.push(values.concat()),
                Err(reject) => rejects.push(reject),
            }
        }
        prop_assert_eq!(&reading.rows, &rows);
        let found = reading.rejects.iter();
        let found: Vec<_> =
            found.map(|(case, column, rule, _)| (*case, column.clone(), rule.as_str())).collect();
        prop_assert_eq!(found, rejects);
        prop_assert_eq!(reading.outcome.counts.read, count as u64);
    }
}
