//! Writes SPSS files slowly and plainly, after the PSPP developer's guide; it
//! shares no code with the reader. The integration tests use it as well.

use std::io::Write;

/// A value of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    SystemMissing,
    Text(Vec<u8>),
}

/// A variable as it is to be written.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) label: String,
    /// 0 for a number.
    pub(crate) width: usize,
    /// Kind, width and decimals.
    pub(crate) format: (u8, u8, u8),
    pub(crate) labels: Vec<(Cell, String)>,
    /// A range, written first.
    pub(crate) missing_range: Option<(f64, f64)>,
    pub(crate) missing: Vec<Cell>,
}

/// A file as it is to be written.
#[derive(Debug, Clone)]
pub(crate) struct Sav {
    pub(crate) is_big_endian: bool,
    /// 0 none, 1 bytecode, 2 zlib.
    pub(crate) compression: i32,
    pub(crate) bias: f64,
    pub(crate) encoding: Option<String>,
    pub(crate) code_page: i32,
    pub(crate) declared: i32,
    pub(crate) variables: Vec<Plan>,
    pub(crate) cases: Vec<Vec<Cell>>,
    /// Bytes of a block of a zsav before it is packed.
    pub(crate) block_bytes: usize,
    /// The command that ends the data is written.
    pub(crate) writes_end: bool,
    /// Documents and records that nobody knows stand between the others.
    pub(crate) has_other_records: bool,
}

impl Plan {
    pub(crate) fn number(name: &str) -> Plan {
        Plan {
            name: name.to_owned(),
            label: String::new(),
            width: 0,
            format: (5, 8, 2),
            labels: Vec::new(),
            missing_range: None,
            missing: Vec::new(),
        }
    }

    pub(crate) fn text(name: &str, width: usize) -> Plan {
        Plan { width, format: (1, width.min(255) as u8, 0), ..Plan::number(name) }
    }

    /// Widths of the segments as variables of their own.
    fn segments(&self) -> Vec<usize> {
        if self.width <= 255 {
            return vec![self.width];
        }
        let count = self.width.div_ceil(252);
        let mut widths = vec![255; count - 1];
        widths.push(self.width - (count - 1) * 252);
        widths
    }
}

impl Sav {
    pub(crate) fn new(variables: Vec<Plan>, cases: Vec<Vec<Cell>>) -> Sav {
        Sav {
            is_big_endian: false,
            compression: 1,
            bias: 100.0,
            encoding: Some("UTF-8".to_owned()),
            code_page: 65001,
            declared: cases.len() as i32,
            variables,
            cases,
            block_bytes: 0x3f_f000,
            writes_end: false,
            has_other_records: false,
        }
    }

    fn i32(&self, number: i32) -> [u8; 4] {
        if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn i64(&self, number: i64) -> [u8; 8] {
        if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn f64(&self, number: f64) -> [u8; 8] {
        if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    /// The eight bytes of a value of the dictionary.
    fn value(&self, cell: &Cell) -> [u8; 8] {
        match cell {
            Cell::Number(number) => self.f64(*number),
            Cell::SystemMissing => self.f64(-f64::MAX),
            Cell::Text(text) => {
                let mut bytes = [b' '; 8];
                bytes[..text.len()].copy_from_slice(text);
                bytes
            }
        }
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = self.dictionary();
        let elements = self.elements();
        match self.compression {
            0 => elements.iter().for_each(|(element, _)| file.extend(element)),
            1 => file.extend(self.bytecode(&elements)),
            _ => self.add_blocks(&self.bytecode(&elements), &mut file),
        }
        file
    }

    /// The file up to its cases.
    pub(crate) fn dictionary(&self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(if self.compression == 2 { b"$FL3" } else { b"$FL2" });
        file.extend(format!("{:<60}", "@(#) SPSS DATA FILE a test's writer").bytes());
        let case_size: usize =
            self.variables.iter().flat_map(Plan::segments).map(|w| w.div_ceil(8).max(1)).sum();
        for number in [2, case_size as i32, self.compression, 0, self.declared] {
            file.extend(self.i32(number));
        }
        file.extend(self.f64(self.bias));
        file.extend(format!("{:<9}{:<8}{:<64}", "01 Jan 20", "12:00:00", "a file").bytes());
        file.extend([0; 3]);
        let mut first_elements = Vec::new();
        let mut element = 1;
        for (place, plan) in self.variables.iter().enumerate() {
            first_elements.push(element);
            for (segment, width) in plan.segments().into_iter().enumerate() {
                self.add_variable(place, segment, width, plan, &mut file);
                element += width.div_ceil(8).max(1) as i32;
            }
        }
        for (plan, element) in self.variables.iter().zip(first_elements) {
            if plan.width <= 8 && !plan.labels.is_empty() {
                self.add_labels(plan, element, &mut file);
            }
        }
        if self.has_other_records {
            file.extend([self.i32(6), self.i32(2)].concat());
            file.extend([b'd'; 160]);
            self.add_extension(9999, 3, b"nobody knows", &mut file);
        }
        let integers = [27, 0, 0, -1, 1, 1, if self.is_big_endian { 1 } else { 2 }, self.code_page];
        let integers: Vec<u8> = integers.into_iter().flat_map(|number| self.i32(number)).collect();
        self.add_extension(3, 4, &integers, &mut file);
        let floats = [-f64::MAX, f64::MAX, (-f64::MAX).next_up()];
        let floats: Vec<u8> = floats.into_iter().flat_map(|number| self.f64(number)).collect();
        self.add_extension(4, 8, &floats, &mut file);
        self.add_named_extensions(&mut file);
        file.extend([self.i32(999), self.i32(0)].concat());
        file
    }

    fn add_variable(
        &self,
        place: usize,
        segment: usize,
        width: usize,
        plan: &Plan,
        file: &mut Vec<u8>,
    ) {
        let is_first = segment == 0;
        let has_missing = is_first && plan.width <= 8;
        let missing: Vec<[u8; 8]> = match plan.missing_range {
            Some((from, to)) => vec![self.f64(from), self.f64(to)],
            None => Vec::new(),
        };
        let values = plan.missing.iter().map(|cell| self.value(cell));
        let missing: Vec<[u8; 8]> =
            missing.into_iter().chain(values).filter(|_| has_missing).collect();
        let count = missing.len() as i32;
        let count = if plan.missing_range.is_some() { -count } else { count };
        let (kind, shown, decimals) = plan.format;
        let format = i32::from(kind) << 16 | i32::from(shown) << 8 | i32::from(decimals);
        let has_label = i32::from(is_first && !plan.label.is_empty());
        for number in [2, width as i32, has_label, count, format, format] {
            file.extend(self.i32(number));
        }
        let name = if is_first { format!("V{place}") } else { format!("V{place}_{segment}") };
        file.extend(format!("{name:<8}").bytes());
        if has_label == 1 {
            file.extend(self.i32(plan.label.len() as i32));
            file.extend(plan.label.bytes());
            file.extend(vec![b' '; plan.label.len().next_multiple_of(4) - plan.label.len()]);
        }
        missing.iter().for_each(|value| file.extend(value));
        for _ in 1..width.div_ceil(8) {
            for number in [2, -1, 0, 0, 0, 0] {
                file.extend(self.i32(number));
            }
            file.extend(b"        ");
        }
    }

    fn add_labels(&self, plan: &Plan, element: i32, file: &mut Vec<u8>) {
        file.extend([self.i32(3), self.i32(plan.labels.len() as i32)].concat());
        for (value, label) in &plan.labels {
            file.extend(self.value(value));
            file.push(label.len() as u8);
            file.extend(label.bytes());
            let length = label.len() + 1;
            file.extend(vec![b' '; length.next_multiple_of(8) - length]);
        }
        file.extend([self.i32(4), self.i32(1), self.i32(element)].concat());
    }

    fn add_extension(&self, kind: i32, size: usize, content: &[u8], file: &mut Vec<u8>) {
        assert_eq!(content.len() % size, 0);
        for number in [7, kind, size as i32, (content.len() / size) as i32] {
            file.extend(self.i32(number));
        }
        file.extend(content);
    }

    /// What goes by the names of variables, and the encoding.
    fn add_named_extensions(&self, file: &mut Vec<u8>) {
        let names = self.variables.iter().enumerate();
        let names: Vec<String> =
            names.map(|(place, plan)| format!("V{place}={}", plan.name)).collect();
        self.add_extension(13, 1, names.join("\t").as_bytes(), file);
        let long = self.variables.iter().enumerate().filter(|(_, plan)| plan.width > 255);
        let long = long.map(|(place, plan)| format!("V{place}={:05}\0\t", plan.width));
        let long: String = long.collect();
        if !long.is_empty() {
            self.add_extension(14, 1, long.as_bytes(), file);
        }
        if let Some(encoding) = &self.encoding {
            self.add_extension(20, 1, encoding.as_bytes(), file);
        }
        let sized = |text: &[u8]| [self.i32(text.len() as i32).to_vec(), text.to_vec()].concat();
        let (mut labels, mut missing) = (Vec::new(), Vec::new());
        for plan in self.variables.iter().filter(|plan| plan.width > 8) {
            if !plan.labels.is_empty() {
                labels.extend(sized(plan.name.as_bytes()));
                labels.extend(self.i32(plan.width as i32));
                labels.extend(self.i32(plan.labels.len() as i32));
                for (value, label) in &plan.labels {
                    labels.extend(sized(match value {
                        Cell::Text(value) => value,
                        _ => b"",
                    }));
                    labels.extend(sized(label.as_bytes()));
                }
            }
            if !plan.missing.is_empty() {
                missing.extend(sized(plan.name.as_bytes()));
                missing.push(plan.missing.len() as u8);
                missing.extend(self.i32(8));
                plan.missing.iter().for_each(|value| missing.extend(self.value(value)));
            }
        }
        for (kind, content) in [(21, labels), (22, missing)] {
            if !content.is_empty() {
                self.add_extension(kind, 1, &content, file);
            }
        }
    }

    /// The elements of all cases, and whether each is a number.
    fn elements(&self) -> Vec<([u8; 8], bool)> {
        let mut elements = Vec::new();
        for (plan, cell) in
            self.cases.iter().flat_map(|case| self.variables.iter().zip(case.iter()))
        {
            let Cell::Text(text) = cell else {
                elements.push((self.value(cell), true));
                continue;
            };
            let mut text = text.clone();
            assert!(text.len() <= plan.width);
            text.resize(plan.width, b' ');
            let mut rest = text.as_slice();
            for width in plan.segments() {
                let (piece, behind) = rest.split_at(rest.len().min(width.min(255)));
                rest = behind;
                let mut piece = piece.to_vec();
                piece.resize(width.div_ceil(8) * 8, b' ');
                elements.extend(piece.chunks(8).map(|part| (part.try_into().unwrap(), false)));
            }
        }
        elements
    }

    fn bytecode(&self, elements: &[([u8; 8], bool)]) -> Vec<u8> {
        let mut commands: Vec<(u8, Option<[u8; 8]>)> = Vec::new();
        for (element, is_number) in elements {
            let small = (1..=251u8).find(|code| self.f64(f64::from(*code) - self.bias) == *element);
            commands.push(match (is_number, small) {
                (false, _) if element == b"        " => (254, None),
                (true, _) if *element == self.f64(-f64::MAX) => (255, None),
                (true, Some(code)) => (code, None),
                _ => (253, Some(*element)),
            });
            // Some programs pad their blocks anywhere.
            if commands.len() % 29 == 5 {
                commands.push((0, None));
            }
        }
        if self.writes_end {
            commands.push((252, None));
        }
        let mut packed = Vec::new();
        for block in commands.chunks(8) {
            let mut codes: Vec<u8> = block.iter().map(|(code, _)| *code).collect();
            codes.resize(8, 0);
            packed.extend(codes);
            block.iter().for_each(|(_, literal)| packed.extend(literal.iter().flatten()));
        }
        packed
    }

    fn add_blocks(&self, data: &[u8], file: &mut Vec<u8>) {
        let header_at = file.len();
        let mut blocks = Vec::new();
        let mut directory = Vec::new();
        for (index, block) in data.chunks(self.block_bytes).enumerate() {
            let level = flate2::Compression::fast();
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(block).unwrap();
            let packed = encoder.finish().unwrap();
            directory.extend(self.i64((header_at + index * self.block_bytes) as i64));
            directory.extend(self.i64((header_at + 24 + blocks.len()) as i64));
            directory.extend(self.i32(block.len() as i32));
            directory.extend(self.i32(packed.len() as i32));
            blocks.extend(packed);
        }
        let trailer_at = header_at + 24 + blocks.len();
        for number in [header_at, trailer_at, 24 + directory.len()] {
            file.extend(self.i64(number as i64));
        }
        file.extend(blocks);
        file.extend(self.i64(-self.bias as i64));
        file.extend(self.i64(0));
        file.extend(self.i32(self.block_bytes as i32));
        file.extend(self.i32((directory.len() / 24) as i32));
        file.extend(directory);
    }
}
