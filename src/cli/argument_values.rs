//! Values of arguments that are more than a word or a number.

/// Reads a number of threads.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(threads),
        _ => Err("must be a number from 1 to 1024".to_owned()),
    }
}

/// Reads a size: `512MiB`, `4G`, `1.5GiB`; a bare number is bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err("must be a size as 512MiB or 4GiB".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "must be a size as 512MiB or 4GiB".to_owned())?;
    let bytes = (number * factor as f64) as u64;
    Ok(bytes)
}

/// Reads a size that a run can do with.
pub(super) fn memory(text: &str) -> Result<u64, String> {
    match size(text)? {
        bytes if bytes < 256 << 20 => Err("must be at least 256MiB".to_owned()),
        bytes => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("1.5G"), Ok(3 << 29));
        assert!(memory("12").is_err() && size("4 parsecs").is_err() && size("").is_err());
    }
}
