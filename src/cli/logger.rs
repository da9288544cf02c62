//! Log lines for people or for machines, through the scrubber, to standard error.

use std::time::{SystemTime, UNIX_EPOCH};

use log::kv::{self, Key, Value, VisitSource};
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::args::LogFormat;
use super::output::Output;

/// Only our own lines: those of libraries hold values that nobody scrubbed, such as the data of a template.
const TARGET: &str = env!("CARGO_PKG_NAME");

struct Logger {
    output: Output,
    format: LogFormat,
    level: LevelFilter,
}

/// Installs the logger for the process.
pub(super) fn install(output: Output, format: LogFormat, level: LevelFilter) {
    log::set_max_level(level);
    // Fails only when a logger is installed already, and there is one place that does it.
    let _ = log::set_boxed_logger(Box::new(Logger { output, format, level }));
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level && metadata.target().starts_with(TARGET)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // Scrubbed before it is escaped: an escaped secret would not be recognized.
        let message = escape(&self.output.scrubber.scrub(&record.args().to_string()));
        match self.format {
            LogFormat::Human => self.output.message(&human(record.level(), &message)),
            LogFormat::Json => self.output.message_json(json(record, &message)),
        }
    }

    fn flush(&self) {}
}

fn human(level: Level, message: &str) -> String {
    match level {
        Level::Info => format!("fitout: {message}\n"),
        other => format!("fitout: {}: {message}\n", other.as_str().to_lowercase()),
    }
}

fn json(record: &Record<'_>, message: &str) -> serde_json::Value {
    let mut line = serde_json::Map::new();
    line.insert("time".to_owned(), timestamp().into());
    line.insert("level".to_owned(), record.level().as_str().to_lowercase().into());
    line.insert("message".to_owned(), message.into());
    let _ = record.key_values().visit(&mut Fields(&mut line));
    serde_json::Value::Object(line)
}

struct Fields<'a>(&'a mut serde_json::Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let json = value.to_u64().map_or_else(|| value.to_string().into(), serde_json::Value::from);
        self.0.insert(key.to_string(), json);
        Ok(())
    }
}

/// Control characters in a message may come from a file name or a program: they must not steer a terminal or make lines.
fn escape(message: &str) -> String {
    if message.chars().any(char::is_control) {
        message
            .chars()
            .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
            .collect()
    } else {
        message.to_owned()
    }
}

/// The time now, in UTC, as RFC 3339 with milliseconds.
pub(super) fn timestamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format_time(now.as_secs(), now.subsec_millis())
}

/// Days to a date by the proleptic Gregorian calendar, in eras of 400 years that begin in March.
fn format_time(seconds: u64, milliseconds: u32) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let day = days + 719_468;
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

#[cfg(test)]
mod tests {
    use super::format_time;

    #[test]
    fn times() {
        for (seconds, wanted) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (1_704_067_199, "2023-12-31T23:59:59.007Z"),
            (4_102_444_800, "2100-01-01T00:00:00.007Z"),
        ] {
            assert_eq!(format_time(seconds, 7), wanted);
        }
    }
}
