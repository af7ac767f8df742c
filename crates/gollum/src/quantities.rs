//! Numbers as people write them on a command line, and back.

/// Tokens: `8192`, `8k` (8,000), `8K` (8,192), `25.6k`, as vLLM reads them.
pub fn parse_count(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    let unit = match unit {
        "" => 1.0,
        "k" => 1e3,
        "K" => 1024.0,
        "m" => 1e6,
        "M" => 1024.0 * 1024.0,
        other => return Err(format!("unknown unit `{other}`: k, K, m and M are known")),
    };
    let value = scaled(number, unit)?;
    if value < 1.0 { Err("at least 1 is needed".into()) } else { Ok(value as usize) }
}

/// Bytes: `1073741824`, `1GiB`, `1G`, `1.5GB`, `512MiB`. Units without `i` are powers of 1,000.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024f64.powi(2),
        "gib" => 1024f64.powi(3),
        "tib" => 1024f64.powi(4),
        other => return Err(format!("unknown unit `{other}`: KB, MB, GB, KiB, MiB, GiB are known")),
    };
    let value = scaled(number, unit)?;
    if value < 1.0 { Err("at least 1 byte is needed".into()) } else { Ok(value as u64) }
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..at], text[at..].trim())
}

/// Largest value that an f64 holds exactly, so that no digit is lost.
const LARGEST: f64 = 9_007_199_254_740_992.0;

fn scaled(number: &str, unit: f64) -> Result<f64, String> {
    let value: f64 = number.parse().map_err(|_| format!("`{number}` is not a number"))?;
    let value = (value * unit).floor();
    if value > LARGEST { Err("the number is too large".into()) } else { Ok(value) }
}

/// `1.4 GiB`, `92 MiB`, `512 B`.
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// `135 M`, `1.2 B`: parameters.
pub fn show_params(count: u64) -> String {
    match count as f64 {
        n if n >= 1e9 => format!("{:.1} B", n / 1e9),
        n if n >= 1e6 => format!("{:.0} M", n / 1e6),
        n if n >= 1e3 => format!("{:.0} K", n / 1e3),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let check = |text, expected: Option<usize>| assert_eq!(parse_count(text).ok(), expected, "{text}");
        check("8192", Some(8192));
        check("8k", Some(8000));
        check("8K", Some(8192));
        check("25.6k", Some(25_600));
        check("", None);
        check("0", None);
        check("-1", None);
        check("8q", None);
        check("1.2.3", None);
        check("99999999999999999999", None);
    }

    #[test]
    fn bytes_are_read() {
        let check = |text, expected: Option<u64>| assert_eq!(parse_bytes(text).ok(), expected, "{text}");
        check("1073741824", Some(1 << 30));
        check("1GiB", Some(1 << 30));
        check("1.5 GB", Some(1_500_000_000));
        check("512mib", Some(512 << 20));
        check("0", None);
        check("GiB", None);
        check("1 parsec", None);
    }

    #[test]
    fn bytes_are_shown() {
        assert_eq!(show_bytes(512), "512 B");
        assert_eq!(show_bytes(98_362_432), "93.8 MiB");
        assert_eq!(show_bytes(3 << 30), "3.0 GiB");
        assert_eq!(show_params(134_515_008), "135 M");
    }
}
