//! Print formats of SPSS: how a variable's values are shown.

use std::fmt;

/// How a variable is shown: kind, width and decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrintFormat {
    kind: u8,
    pub(crate) width: u8,
    decimals: u8,
}

/// Names of the kinds by their number; an empty name is no kind.
const NAMES: [&str; 42] = [
    "", "A", "AHEX", "COMMA", "DOLLAR", "F", "IB", "PIBHEX", "P", "PIB", "PK", "RB", "RBHEX", "",
    "", "Z", "N", "E", "", "", "DATE", "TIME", "DATETIME", "ADATE", "JDATE", "DTIME", "WKDAY",
    "MONTH", "MOYR", "QYR", "WKYR", "PCT", "DOT", "CCA", "CCB", "CCC", "CCD", "CCE", "EDATE",
    "SDATE", "MTIME", "YMDHMS",
];

impl PrintFormat {
    /// Reads the number that a file has for it.
    pub(crate) fn of(number: i32) -> PrintFormat {
        let [decimals, width, kind, _] = number.to_le_bytes();
        PrintFormat { kind, width, decimals }
    }

    fn name(self) -> &'static str {
        NAMES.get(usize::from(self.kind)).copied().unwrap_or_default()
    }

    /// Values are seconds since 14 October 1582, shown as a day or a period.
    pub(crate) fn is_date(self) -> bool {
        matches!(self.kind, 20 | 22..=24 | 28..=30 | 38 | 39 | 41)
    }

    /// Values are whole numbers, shown with zeros in front.
    pub(crate) fn has_leading_zeros(self) -> bool {
        self.kind == 16
    }

    /// The format with another width, for strings longer than a format can say.
    pub(crate) fn shown(self, width: usize) -> String {
        match self.name() {
            "" => format!("format {}", self.kind),
            "A" => format!("A{width}"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for PrintFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.width)?;
        let has_decimals = matches!(self.kind, 3..=5 | 31..=37) || self.decimals > 0;
        if has_decimals { write!(f, ".{}", self.decimals) } else { Ok(()) }
    }
}
