//! What a session is set to, and what it is asked when it begins.

use std::time::Duration;

use crate::sql::session::Row;

/// Every server takes messages of this length.
pub(super) const SHORTEST_LIMIT: usize = 1024;

/// Text is UTF-8; messages are English, because their values are left out by their words; a session of a machine that is gone
/// ends in minutes, and with it its lock. The mode of the server stays: files are written for it.
pub(super) const PROLOGUE: &str = "SET NAMES utf8mb4; \
    SET SESSION autocommit = 1, SESSION wait_timeout = 600, SESSION lc_messages = 'en_US'; \
    SELECT CONNECTION_ID(), @@SESSION.max_allowed_packet, @@SESSION.sql_mode";

/// What files change, as the output of `mysqldump` does, is kept for [`RESTORE`].
pub(super) const SAVE: &str = "SET @fitout_collation = @@SESSION.collation_connection, \
    @fitout_sql_mode = @@SESSION.sql_mode, @fitout_time_zone = @@SESSION.time_zone, \
    @fitout_foreign_key_checks = @@SESSION.foreign_key_checks, @fitout_unique_checks = @@SESSION.unique_checks, \
    @fitout_sql_notes = @@SESSION.sql_notes";

/// What [`SAVE`] kept. The text of files is UTF-8, whatever they said. The protocol's own command for this would give the locks of
/// the session free.
pub(super) const RESTORE: &str = "SET SESSION character_set_client = utf8mb4, SESSION character_set_results = utf8mb4, \
    SESSION collation_connection = @fitout_collation, SESSION sql_mode = @fitout_sql_mode, \
    SESSION time_zone = @fitout_time_zone, SESSION foreign_key_checks = @fitout_foreign_key_checks, \
    SESSION unique_checks = @fitout_unique_checks, SESSION sql_notes = @fitout_sql_notes, SESSION autocommit = 1";

/// Of the present transaction, or of the last one.
pub(super) const ELAPSED: &str = "COALESCE(TIMESTAMPDIFF(MICROSECOND, @fitout_began, UTC_TIMESTAMP(6)) DIV 1000, 0)";

/// The longest that a server can be told to wait, in seconds.
const NO_LIMIT: u64 = 31_536_000;

/// What the server says of itself and of the session.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) number: u64,
    pub(super) longest: usize,
    pub(super) reads_backslashes_as_text: bool,
}

impl Facts {
    pub(super) fn read(rows: &[Row]) -> Option<Self> {
        let [Some(number), Some(longest), Some(mode)] = rows.first()?.as_slice() else { return None };
        Some(Self {
            number: number.parse().ok()?,
            longest: longest.parse().ok()?,
            reads_backslashes_as_text: mode.split(',').any(|mode| mode == "NO_BACKSLASH_ESCAPES"),
        })
    }
}

/// Servers that were built for clusters have these variables.
pub(super) const CLUSTER: &str = "SHOW GLOBAL VARIABLES WHERE variable_name IN ('wsrep_on', 'wsrep_provider')";

/// Whether the server replicates what is written, and not who holds a lock.
pub(super) fn is_clustered(rows: &[Row]) -> bool {
    let value = |name: &str| rows.iter().find(|row| row.first() == Some(&Some(name.to_owned())))?.get(1)?.as_deref();
    value("wsrep_on") == Some("ON") && !matches!(value("wsrep_provider"), Some("none" | ""))
}

/// How long statements wait for a lock on a table, or on a row; zero for no limit.
pub(super) fn lock_wait(limit: Duration) -> String {
    // Whole seconds, and never none: that would be a failure at every lock.
    let seconds = match limit.as_millis().div_ceil(1000) {
        0 => NO_LIMIT,
        seconds => u64::try_from(seconds).unwrap_or(NO_LIMIT).min(NO_LIMIT),
    };
    format!("SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}")
}

/// Before a transaction with a limit of its own.
pub(super) fn before_transaction(limit: Duration) -> String {
    format!(
        "SET @fitout_began = UTC_TIMESTAMP(6), @fitout_table_wait = @@SESSION.lock_wait_timeout, \
         @fitout_row_wait = @@SESSION.innodb_lock_wait_timeout, {}",
        lock_wait(limit)
    )
}

/// What [`before_transaction`] changed, as it was.
pub(super) const AFTER_TRANSACTION: &str = "SET SESSION lock_wait_timeout = @fitout_table_wait, \
    SESSION innodb_lock_wait_timeout = @fitout_row_wait";

/// A file may have said that its text is of another kind than it is.
pub(super) const TEXT: &str = "SET NAMES utf8mb4";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Facts, is_clustered, lock_wait};

    #[test]
    fn limits_are_whole_seconds() {
        for (limit, wanted) in [(0, 31_536_000), (1, 1), (1000, 1), (1001, 2), (u64::MAX, 31_536_000)] {
            let limit = Duration::from_millis(limit);
            assert!(lock_wait(limit).ends_with(&format!("= {wanted}")), "{limit:?}");
        }
    }

    #[test]
    fn a_node_of_a_cluster_replicates() {
        let rows = |on: &str, provider: &str| {
            let row = |name: &str, value: &str| vec![Some(name.to_owned()), Some(value.to_owned())];
            vec![row("wsrep_on", on), row("wsrep_provider", provider)]
        };
        assert!(is_clustered(&rows("ON", "/usr/lib/galera/libgalera_smm.so")));
        for rows in [rows("ON", "none"), rows("ON", ""), rows("OFF", "/usr/lib/galera/libgalera_smm.so"), vec![]] {
            assert!(!is_clustered(&rows), "{rows:?}");
        }
    }

    #[test]
    fn facts_are_read_or_none() {
        let row = |values: [&str; 3]| vec![values.map(|value| Some(value.to_owned())).to_vec()];
        let facts = Facts::read(&row(["7", "16777216", "A,NO_BACKSLASH_ESCAPES"])).unwrap();
        assert_eq!((facts.number, facts.longest, facts.reads_backslashes_as_text), (7, 16_777_216, true));
        assert!(!Facts::read(&row(["7", "1", "NO_BACKSLASH"])).unwrap().reads_backslashes_as_text);
        for rows in [vec![], vec![vec![]], vec![vec![None, None, None]], row(["x", "1", ""]), row(["1", "-1", ""])] {
            assert!(Facts::read(&rows).is_none(), "{rows:?}");
        }
    }
}
