//! `strftime_now`: the date as templates print it, in UTC.

use minijinja::{Error, ErrorKind};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// 1 January 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
/// Bytes of a format at most.
const MAX_FORMAT_BYTES: usize = 256;

/// `(year, month 1..=12, day 1..=31)` of a day since 1970, in the Gregorian calendar. Counts years from March, so
/// that the leap day is the last; 400 years have 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Formats `unix` seconds by the codes that templates use; an unknown code is an error that names it.
pub fn strftime(format: &str, unix: u64) -> Result<String, Error> {
    if format.len() > MAX_FORMAT_BYTES {
        return Err(Error::new(ErrorKind::InvalidOperation, "strftime_now: the format is too long"));
    }
    let (days, seconds) = (unix / 86_400, unix % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let hour_12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    let (month_name, weekday) = (MONTHS[month as usize - 1], WEEKDAYS[(days % 7) as usize]);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut code = chars.next().unwrap_or('%');
        let padded = code != '-';
        if !padded {
            code = chars.next().unwrap_or('%');
        }
        let two = |n: u64| if padded { format!("{n:02}") } else { n.to_string() };
        let text = match code {
            'Y' => year.to_string(),
            'y' => two(year % 100),
            'm' => two(month),
            'd' => two(day),
            'e' => format!("{day:2}"),
            'B' => month_name.to_owned(),
            'b' => month_name[..3].to_owned(),
            'A' => weekday.to_owned(),
            'a' => weekday[..3].to_owned(),
            'H' => two(hour),
            'I' => two(hour_12),
            'M' => two(minute),
            'S' => two(second),
            'p' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            'F' => format!("{year}-{month:02}-{day:02}"),
            'T' => format!("{hour:02}:{minute:02}:{second:02}"),
            'Z' => "UTC".to_owned(),
            '%' => "%".to_owned(),
            other => {
                let message = format!("strftime_now: unknown code %{other}");
                return Err(Error::new(ErrorKind::InvalidOperation, message));
            }
        };
        out.push_str(&text);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_over_leap_years_and_centuries() {
        let cases = [
            (0, "1970-01-01 00:00:00 Thursday"),
            (951_782_400, "2000-02-29 00:00:00 Tuesday"),
            (951_868_799, "2000-02-29 23:59:59 Tuesday"),
            (1_709_164_800, "2024-02-29 00:00:00 Thursday"),
            (1_735_689_599, "2024-12-31 23:59:59 Tuesday"),
            (4_107_542_400, "2100-03-01 00:00:00 Monday"),
        ];
        for (unix, expected) in cases {
            assert_eq!(strftime("%F %T %A", unix).expect("known codes"), expected);
        }
    }

    #[test]
    fn codes_of_templates() {
        let text = strftime("%d %b %Y|%-d %B %y|%I:%M %p|%a|100%%", 1_709_218_860).expect("known codes");
        assert_eq!(text, "29 Feb 2024|29 February 24|03:01 PM|Thu|100%");
        assert!(strftime("%Q", 0).is_err());
        assert!(strftime(&"x".repeat(257), 0).is_err());
    }
}
