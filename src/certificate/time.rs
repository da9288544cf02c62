//! Times in certificates, as seconds since 1970.

use super::Malformed;
use super::der::{Element, GENERALIZED_TIME, UTC_TIME, element};

const DAY: i64 = 86_400;

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + year.rem_euclid(400) * 365 + year.rem_euclid(400) / 4 - year.rem_euclid(400) / 100
        + day_of_year
        - 719_468
}

/// Year, month and day.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let in_era = days.rem_euclid(146_097);
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let day_of_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (days.div_euclid(146_097) * 400 + year + i64::from(month <= 2), month, day)
}

/// The date of a time, in UTC, for messages.
pub(crate) fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time of a certificate: always in UTC and with seconds.
pub(super) fn read(element: &Element<'_>) -> Result<i64, Malformed> {
    const WRONG: Malformed = Malformed("it holds a time that cannot be read");
    let digits = element.content.strip_suffix(b"Z").ok_or(WRONG)?;
    let (year, rest) = match (element.tag, digits.len()) {
        (UTC_TIME, 12) => {
            let short = number(&digits[..2])?;
            (if short < 50 { 2000 + short } else { 1900 + short }, &digits[2..])
        }
        (GENERALIZED_TIME, 14) => (number(&digits[..4])?, &digits[4..]),
        _ => return Err(WRONG),
    };
    let mut parts = [0; 5];
    for (part, digits) in parts.iter_mut().zip(rest.chunks(2)) {
        *part = number(digits)?;
    }
    let [month, day, hour, minute, second] = parts;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
        return Err(WRONG);
    }
    Ok(days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

fn number(digits: &[u8]) -> Result<i64, Malformed> {
    let digit = |number: i64, byte: &u8| {
        if byte.is_ascii_digit() {
            Ok(number * 10 + i64::from(byte - b'0'))
        } else {
            Err(Malformed("it holds a time that cannot be read"))
        }
    };
    digits.iter().try_fold(0, digit)
}

/// The element of a time: with two digits of the year until 2049, as the standard wants it.
pub(super) fn write(seconds: i64) -> Vec<u8> {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let rest = seconds.rem_euclid(DAY);
    let behind = format!("{month:02}{day:02}{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60);
    if (1950..2050).contains(&year) {
        element(UTC_TIME, format!("{:02}{behind}", year % 100).as_bytes())
    } else {
        element(GENERALIZED_TIME, format!("{year:04}{behind}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::der::Reader;
    use super::{date, read, write};

    #[test]
    fn times() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (2_524_607_999, "2049-12-31"),
            (2_524_608_000, "2050-01-01"),
            (4_107_542_400, "2100-03-01"),
            (-1, "1969-12-31"),
        ] {
            assert_eq!(date(seconds), day);
            let bytes = write(seconds);
            assert_eq!(bytes[0], if seconds < 2_524_608_000 { 0x17 } else { 0x18 });
            assert_eq!(read(&Reader::new(&bytes).next().unwrap().unwrap()), Ok(seconds), "{day}");
        }
        for wrong in ["000101000000", "0001010000Z", "001301000000Z", "00010100000xZ", "-10101000000Z", ""] {
            let bytes = super::element(super::UTC_TIME, wrong.as_bytes());
            assert!(read(&Reader::new(&bytes).next().unwrap().unwrap()).is_err(), "{wrong}");
        }
    }
}
