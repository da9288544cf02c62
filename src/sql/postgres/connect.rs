//! From an address to a session: the hosts in order, until one of them is what was asked for.

use std::pin::{Pin, pin};

use tokio_postgres::{Client, SimpleQueryMessage};

use super::login::{Connected, log_in};
use super::trouble::Trouble;
use crate::failure::{Failure, Kind};
use crate::sql::address::{Host, PostgresAddress, TargetSession};
use crate::sql::race::{Raced, race};
use crate::sql::stop::Stop;

/// Connects, unless the run has to stop before.
pub(super) async fn connect(address: &PostgresAddress, stop: &Stop) -> Result<Connected, Failure> {
    let work: Pin<&mut _> = pin!(any(address));
    match race(work, stop.wait()).await {
        Raced::First(result) => result,
        Raced::Second(failure) => Err(failure),
    }
}

async fn any(address: &PostgresAddress) -> Result<Connected, Failure> {
    let passes: &[TargetSession] = match address.target {
        TargetSession::PreferStandby => &[TargetSession::Standby, TargetSession::Any],
        TargetSession::Any => &[TargetSession::Any],
        TargetSession::ReadWrite => &[TargetSession::ReadWrite],
        TargetSession::ReadOnly => &[TargetSession::ReadOnly],
        TargetSession::Primary => &[TargetSession::Primary],
        TargetSession::Standby => &[TargetSession::Standby],
    };
    let mut troubles: Vec<(&Host, Trouble)> = Vec::new();
    for target in passes {
        troubles.clear();
        for host in &address.hosts {
            match suitable(address, host, *target).await {
                Ok(connected) => return Ok(connected),
                Err(trouble) if trouble.may_end_elsewhere() => troubles.push((host, trouble)),
                Err(trouble) => return Err(trouble.failure(&address.label)),
            }
        }
    }
    Err(failed(address, &troubles))
}

fn failed(address: &PostgresAddress, troubles: &[(&Host, Trouble)]) -> Failure {
    if let [(_, trouble)] = troubles {
        return trouble.failure(&address.label);
    }
    let message = format!("cannot connect to database {}: none of its servers will do", address.label);
    // Whichever can be helped by waiting decides.
    let kinds = troubles.iter().map(|(_, trouble)| trouble.kind());
    let kind = kinds.reduce(|one, other| if one == Kind::Unreachable { one } else { other }).unwrap_or(Kind::Database);
    let failure = troubles.iter().fold(Failure::new(kind, message), |failure, (host, trouble)| {
        failure.note(format!("`{host}`: {}", trouble.words().0))
    });
    failure.maybe_hint(troubles.iter().find_map(|(_, trouble)| trouble.words().1))
}

async fn suitable(address: &PostgresAddress, host: &Host, target: TargetSession) -> Result<Connected, Trouble> {
    let connected = log_in(address, host).await?;
    let (question, wanted, otherwise) = match target {
        TargetSession::Any | TargetSession::PreferStandby => return Ok(connected),
        TargetSession::ReadWrite => ("SHOW transaction_read_only", "off", "read-only"),
        TargetSession::ReadOnly => ("SHOW transaction_read_only", "on", "not read-only"),
        TargetSession::Primary => ("SELECT pg_catalog.pg_is_in_recovery()", "f", "a standby"),
        TargetSession::Standby => ("SELECT pg_catalog.pg_is_in_recovery()", "t", "no standby"),
    };
    let asked = first_value(&connected.client, question);
    let answer = match address.connect_timeout {
        None => asked.await?,
        Some(limit) => tokio::time::timeout(limit, asked).await.map_err(|_| Trouble::Silent)??,
    };
    if answer.as_deref() == Some(wanted) { Ok(connected) } else { Err(Trouble::Unsuitable(otherwise)) }
}

async fn first_value(client: &Client, sql: &str) -> Result<Option<String>, Trouble> {
    let messages = client.simple_query(sql).await.map_err(Trouble::Login)?;
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
