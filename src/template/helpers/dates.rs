//! Time, in UTC. The clock is given from outside.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::number::Number;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "now",
        "",
        "The time as RFC 3339 in UTC. What is rendered with it differs in every run: such a file is never unchanged.",
        ("{{now}}", "2026-01-02T03:04:05Z"),
        |call| format(call.surroundings.seconds()?, RFC_3339).map(Value::from),
    ),
    Entry::new(
        "unix",
        "TIME",
        "The seconds since 1970 of a time as RFC 3339 has it.",
        ("{{unix \"2026-01-02T04:04:05+01:00\"}}", "1767323045"),
        |call| {
            let seconds = parse(&call.text(0)?).ok_or("parameter 1 is not a time such as `2026-01-02T03:04:05Z`")?;
            Ok(seconds.into())
        },
    ),
    Entry::new(
        "date",
        "TIME FORMAT",
        "A time, as RFC 3339 or as seconds since 1970, in UTC: `%Y %m %d %H %M %S %j %a %b %F %T %s %%`.",
        ("{{date (now) \"%d.%m.%Y\"}} {{date 0 \"%a %F\"}}", "02.01.2026 Thu 1970-01-01"),
        date,
    ),
];

const RFC_3339: &str = "%Y-%m-%dT%H:%M:%SZ";
const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn date(call: &Call<'_>) -> Outcome {
    let wrong = "parameter 1 is neither seconds nor a time such as `2026-01-02T03:04:05Z`";
    let seconds = match Number::of(call.value(0)) {
        Some(Number::Whole(seconds)) => i64::try_from(seconds).ok(),
        Some(Number::Fraction(_)) => None,
        None => parse(&call.text(0)?),
    };
    format(seconds.ok_or(wrong)?, &call.text(1)?).map(Value::from)
}

/// Year, month and day of a day counted from 1970; the year begins in March, so that the leap day is its last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The day counted from 1970: the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn format(seconds: i64, format: &str) -> Result<String, String> {
    let (day_number, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(day_number);
    if !(0..=9999).contains(&year) {
        return Err("the time is not in the years 0 to 9999".to_owned());
    }
    let name =
        |names: &[&'static str], index: i64| usize::try_from(index).ok().and_then(|index| names.get(index).copied());
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = String::with_capacity(format.len() + 16);
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let part = match rest.next() {
            Some('Y') => format!("{year:04}"),
            Some('m') => format!("{month:02}"),
            Some('d') => format!("{day:02}"),
            Some('H') => format!("{hour:02}"),
            Some('M') => format!("{minute:02}"),
            Some('S') => format!("{second:02}"),
            Some('j') => format!("{:03}", day_number - days(year, 1, 1) + 1),
            Some('a') => name(&WEEKDAYS, day_number.rem_euclid(7)).unwrap_or_default().to_owned(),
            Some('b') => name(&MONTHS, month - 1).unwrap_or_default().to_owned(),
            Some('F') => format!("{year:04}-{month:02}-{day:02}"),
            Some('T') => format!("{hour:02}:{minute:02}:{second:02}"),
            Some('s') => seconds.to_string(),
            Some('%') => "%".to_owned(),
            _ => return Err("the format has a `%` that means nothing".to_owned()),
        };
        text.push_str(&part);
    }
    Ok(text)
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; the fraction is dropped.
fn parse(text: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let sign = |at: usize, wanted: &str| text.get(at..=at).filter(|found| wanted.contains(*found));
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    sign(4, "-").and(sign(7, "-")).and(sign(10, "Tt ")).and(sign(13, ":")).and(sign(16, ":"))?;
    let day_number = days(year, month, day);
    if !(1..=12).contains(&month) || civil(day_number) != (year, month, day) || hour > 23 || minute > 59 || second > 60
    {
        return None;
    }
    let mut rest = text.get(19..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let zone = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
        rest = Some(zone).filter(|zone| zone.len() < fraction.len())?;
    }
    let offset = match (rest, rest.split_at_checked(1)) {
        ("Z" | "z", _) => 0,
        (_, Some((sign @ ("+" | "-"), zone))) if zone.len() == 5 && zone.get(2..3) == Some(":") => {
            let at = text.len() - 5;
            let (hours, minutes) = (digits(at, at + 2)?, digits(at + 3, at + 5)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if sign == "-" { -1 } else { 1 }
        }
        _ => return None,
    };
    Some(day_number * DAY + hour * 3600 + minute * 60 + second - offset)
}

#[cfg(test)]
mod tests {
    use super::{DAY, RFC_3339, format, parse};

    #[test]
    fn every_day_comes_back() {
        for day in -719_528..2_932_897 {
            let seconds = day * DAY + 86_399;
            let text = format(seconds, RFC_3339).unwrap();
            assert_eq!(parse(&text), Some(seconds), "{text}");
        }
        assert!(format(-719_529 * DAY, RFC_3339).is_err());
        assert!(format(2_932_897 * DAY, RFC_3339).is_err());
    }
}
