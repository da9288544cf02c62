//! Futures side by side, without a macro and without tasks: what they borrow may live on the stack.

use std::pin::pin;
use std::task::Poll;

/// All results, in the order of the futures. Each wake polls every unfinished one, which is right for the few that a step has.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut pending = false;
        for (future, result) in &mut running {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *result = Some(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, result)| result).collect()
}

/// Which of two futures was ready first.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First<A, B> {
    A(A),
    B(B),
}

/// The first of two that is ready; when both are, `a`.
pub(super) async fn first<A: Future, B: Future>(a: A, b: B) -> First<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    std::future::poll_fn(|context| {
        if let Poll::Ready(output) = a.as_mut().poll(context) {
            return Poll::Ready(First::A(output));
        }
        b.as_mut().poll(context).map(First::B)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{First, all, first};
    use crate::net::block_on;

    #[test]
    fn side_by_side() {
        let sleep = |milliseconds| async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            milliseconds
        };
        assert_eq!(block_on(async { all([sleep(20), sleep(1), sleep(10)]).await }).unwrap(), [20, 1, 10]);
        assert_eq!(block_on(async { first(sleep(500), sleep(1)).await }).unwrap(), First::B(1));
        assert!(block_on(all(Vec::<std::future::Ready<()>>::new())).unwrap().is_empty());
    }
}
