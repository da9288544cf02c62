//! Ending a statement that runs: by a second connection, as the first one is not looked at while it runs.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::timeout;

use super::answer::{Answers, Rows};
use super::connection::{Connection, Several};
use super::trouble::Trouble;
use crate::sql::address::MysqlAddress;

/// How long a signal waits for each thing that is asked of the server.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long for the statement to end, before it is asked again: between two statements there is nothing that could be ended.
const END_TIMEOUT: Duration = Duration::from_secs(1);
const TRIES: usize = 5;

/// Ends the statement of this session, and gives its answer if one came. Without that the server would go on with it, and with those
/// behind it.
pub(super) async fn cancel(
    address: &MysqlAddress,
    session: u64,
    mut work: Pin<&mut impl Future<Output = Result<(), Trouble>>>,
) -> Option<Result<(), Trouble>> {
    let Ok(Ok(mut second)) = timeout(ASK_TIMEOUT, Connection::open(address)).await else {
        log::warn!("the running statement could not be cancelled: there is no second connection to the database");
        return None;
    };
    let mut answer = None;
    for _ in 0..TRIES {
        ask(&mut second, &format!("KILL QUERY {session}")).await;
        answer = timeout(END_TIMEOUT, work.as_mut()).await.ok();
        if answer.is_some() {
            break;
        }
    }
    if answer.is_none() {
        // With the session its statement ends as soon as it can, and none comes behind it.
        ask(&mut second, &format!("KILL {session}")).await;
        log::warn!("the database did not end the cancelled statement in time");
    }
    let _ = timeout(ASK_TIMEOUT, second.quit()).await;
    answer
}

async fn ask(connection: &mut Connection, sql: &str) {
    let mut answers = Answers::default();
    let asked = connection.send(sql, Several::No, Rows::Dropped, &mut answers);
    if !matches!(timeout(ASK_TIMEOUT, asked).await, Ok(Ok(()))) {
        log::debug!("the database did not do `{sql}`");
    }
}
