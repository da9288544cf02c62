//! Two futures side by side.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

pub(super) enum Raced<A, B> {
    First(A),
    Second(B),
}

/// The result of whichever is done first. The first one can be waited for again.
pub(super) async fn race<A: Future + Unpin, B: Future>(mut first: A, second: B) -> Raced<A::Output, B::Output> {
    let mut first = pin!(&mut first);
    let mut second = pin!(second);
    std::future::poll_fn(|context| {
        if let Poll::Ready(result) = first.as_mut().poll(context) {
            return Poll::Ready(Raced::First(result));
        }
        second.as_mut().poll(context).map(Raced::Second)
    })
    .await
}
